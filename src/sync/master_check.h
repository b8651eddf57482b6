// Whether master.db on the share is as a node built it, or somebody else wrote into it.
#pragma once

#include "replica/base.h"
#include "share/dataset.h"
#include "share/notes.h"
#include "sync/config.h"
#include "sync/environment.h"

namespace tidesync {

enum class MasterState {
  kAbsent,
  kOurs,
  kForeign,  // edited by hand, another file altogether, or opened for writing by somebody
};

struct MasterFound {
  MasterState state = MasterState::kAbsent;
  Digest digest;  // of the file, where it was read (kForeign)
  std::uint64_t size = 0;
};

// One operation where size and time are those that were noted when it was built; else, and once a
// day, the file is read (kThorough: always). A file that another node put there a moment ago
// differs from the note as well: it is told by its rows, which agree with the digest it has inside.
// `base` is asked which tables there are, and remembers what was looked at.
enum class MasterCheck { kQuick, kThorough };
MasterFound check_master(Environment& env, const LocalPaths& paths, Dataset& dataset, Base& base,
                         const std::optional<MasterNote>& note, MasterCheck check);

}  // namespace tidesync
