// Picks the events of one row out of the log, batch by batch. Private to this room.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "inspect/why.h"
#include "share/batch_file.h"

namespace tidesync {

class WhyReader {
 public:
  // `db` has sync_log and sync_conflicts. Events are added to `life`.
  WhyReader(Database& db, RowLife& life);

  void read(BatchReader& batch, bool is_here);
  // Keys of the row as they stood in the log, the last one last.
  const std::vector<KeyImage>& keys() const { return keys_; }
  // Conflicts about the row that no batch told of: those not published yet, or in unread batches.
  std::vector<ConflictRow> untold_conflicts() const;

 private:
  void add_change(const BatchHeader& header, const Change& change);
  void add_conflict(const BatchHeader& header, const Change& change);
  void add_resolution(const BatchHeader& header, const Change& change);
  void note_other_key(BatchReader& batch, LifeEvent& event);
  LifeEvent event_of(const BatchHeader& header, std::int64_t at_ms) const;
  bool is_asked(const std::string& column) const;
  std::string run_of(const BatchHeader& header);

  Database& db_;
  RowLife& life_;
  bool is_here_ = true;
  std::map<std::string, ConflictRow> conflicts_;  // about the row, by id
  std::set<std::string> told_;
  std::vector<KeyImage> keys_;
  std::vector<LifeEvent> changes_, decisions_;  // of the batch being read
};

// The event for a conflict that was decided.
LifeEvent conflict_event(const ConflictRow& conflict);
// Whether the column had a part in it; always for "".
bool concerns(const ConflictRow& conflict, const std::string& column);

}  // namespace tidesync
