#include "sync/hole.h"

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "share/notes.h"

namespace tidesync {

std::optional<Hole> find_hole(const std::vector<EntryInfo>& listed, Seq here) {
  Hole hole{here.next(), {}, {}};
  for (const EntryInfo& entry : listed) {
    if (entry.seq == hole.missing) return std::nullopt;
    if (entry.seq > hole.missing) hole.newest = entry.seq;
  }
  if (hole.newest.value == 0) return std::nullopt;
  return hole;
}

void ask_for_holders(Dataset& dataset, Hole& hole) {
  try {
    for (const ListedNode& listed : read_node_notes(dataset)) {
      const auto& note = listed.parsed.note;
      if (note && !note->retired && note->seq >= hole.missing)
        hole.holders.push_back(listed.node.value);
    }
  } catch (const Error& error) {
    log::warning(std::string("nobody knows who has the missing batch: ") + error.what());
  }
}

std::string hole_text(const Hole& hole) {
  return "batch " + std::to_string(hole.missing.value) +
         " is missing on the share, and later ones (to " + std::to_string(hole.newest.value) +
         ") are there";
}

std::string hole_advice(const Hole& hole) {
  if (hole.holders.empty()) {
    return "No computer says that it has this batch. If the one that wrote it will never sync "
           "again, run here: tidesync now --accept-hole. What was in the batch is lost then.";
  }
  const std::string who = join(hole.holders, ", ");
  return "It was taken in by: " + who +
         ". Run tidesync now there: a computer with a copy puts it back. If it stays missing, run "
         "tidesync now --accept-hole there: nothing is lost. Only if none of them will ever sync "
         "again, run it here.";
}

std::string given_up_text(const Hole& hole) {
  const std::string numbers = hole.newest.value == hole.missing.value + 1
                                  ? "batch " + std::to_string(hole.newest.value)
                                  : "batches " + std::to_string(hole.missing.value + 1) + " to " +
                                        std::to_string(hole.newest.value);
  const std::string fate =
      hole.holders.empty()
          ? "No computer says that it has taken it in: what was in it is lost, unless a database "
            "that has it syncs again."
          : "What was in it comes back when one of these computers syncs: " +
                join(hole.holders, ", ") + ". What none of them has is lost.";
  return "Went on without batch " + std::to_string(hole.missing.value) +
         ", which is missing on the share, and without what followed it (" + numbers +
         ", moved to the share's folder quarantine). " + fate;
}

}  // namespace tidesync
