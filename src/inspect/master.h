// What master.db on the share is, and its backups.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "share/backups.h"
#include "share/notes.h"
#include "sync/environment.h"
#include "sync/master_check.h"

namespace tidesync {

struct MasterReport {
  MasterState state = MasterState::kAbsent;
  std::uint64_t size = 0;
  std::optional<MasterNote> note;
  std::string note_problem;  // master.json is damaged
  Seq seq_here;              // of this node's base copy
  // kEqual: it has the very rows of the base copy.
  enum class Age { kUnknown, kEqual, kOlder, kLater, kOther } age = Age::kUnknown;
  std::vector<ListedBackup> backups;  // newest first
  bool daily_backups = true;
  std::string keep_rule;
};
// Reads master.db whole. Throws Error kShareUnreachable, kWrongShare ...
MasterReport read_master(Environment& env, const Path& database);

}  // namespace tidesync
