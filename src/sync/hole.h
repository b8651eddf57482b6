// A batch that is missing on the share while later ones are there: what a person is told of it, and
// who could put it back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "share/dataset.h"

namespace tidesync {

struct Hole {
  Seq missing;                       // the first that is not there
  Seq newest;                        // of those behind it
  std::vector<std::string> holders;  // computers in use that say they have taken it in
};

// `listed`: entries after `here`, ascending. Nothing when the next one is there, or none is.
std::optional<Hole> find_hole(const std::vector<EntryInfo>& listed, Seq here);
// Asks the notes in nodes/ who has it. Best effort: without them nobody is named.
void ask_for_holders(Dataset& dataset, Hole& hole);

// "batch 5 is missing on the share, and later ones (to 7) are there"
std::string hole_text(const Hole& hole);
// Which command on which computer, and what is lost by it.
std::string hole_advice(const Hole& hole);
// What became of a hole that this computer went on without.
std::string given_up_text(const Hole& hole);

}  // namespace tidesync
