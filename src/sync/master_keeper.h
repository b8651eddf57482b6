// Writes master.db on the share: the copy of the base copy that people open. Nothing that syncs
// reads it.
//
// What stands there and was not built by a node is kept in backups/ before it is replaced: somebody
// worked in it.
#pragma once

#include <string>
#include <vector>

#include "replica/snapshot.h"
#include "share/backups.h"
#include "share/notes.h"
#include "sync/master_check.h"

namespace tidesync {

class MasterKeeper {
 public:
  // All must outlive this object. `dataset` is open; no transaction is open on `base`.
  MasterKeeper(Environment& env, const LocalPaths& paths, const Config& config, Dataset& dataset,
               Base& base);

  struct RefreshOptions {
    bool at_once = false;  // also a large one within its pause, and one that is there already
    bool force = false;    // also in place of a later one
  };
  enum class Outcome { kRefreshed, kUpToDate, kLaterThere, kPaused };
  // Makes the day's backup as well, where the configuration says so. Throws Error: the old file
  // stands then, or stands in backups/.
  Outcome refresh(const RefreshOptions& options);

  struct Made {
    std::string name;
    std::uint64_t size = 0;
    std::vector<std::string> removed;  // by the rule
  };
  // A dated copy in backups/, from the base copy.
  Made back_up(const KeepRule& rule);

  Seq seq_there() const { return seq_there_; }
  // For people: what was found and kept.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  Path build(ExportWay way);
  ExportWay way_of_today();
  void keep_foreign(const std::optional<MasterNote>& note);
  Made store(const Path& copy, const KeepRule& rule);
  std::string make_daily_backup(const Path& copy, const std::string& last_day);

  Environment& env_;
  const LocalPaths& paths_;
  const Config& config_;
  Dataset& dataset_;
  Base& base_;
  Seq seq_there_;
  std::vector<std::string> notes_;
};

}  // namespace tidesync
