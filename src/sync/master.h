// What a person does with the master file: makes it anew, makes a backup of it, brings the state of
// a backup back. None of it touches the log, but for the edits of a restore, which travel like any.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "share/backups.h"
#include "sync/environment.h"
#include "sync/undo.h"

namespace tidesync {

struct MasterRebuild {
  bool refused = false;  // a later one stands there, and no force
  Seq seq;               // of this node
  Seq seq_there;         // of master.db now
  std::vector<std::string> notes;
};
// At once, also a large one and one that seems to be there already. Throws Error.
MasterRebuild rebuild_master(Environment& env, const Path& database, bool force);

struct MasterBackup {
  std::string name;
  Seq seq;
  std::uint64_t size = 0;
  std::vector<std::string> removed;  // older ones, by the rule
};
// `keep`: how many dated copies stay; else the configuration's rule.
MasterBackup back_up_master(Environment& env, const Path& database,
                            std::optional<std::uint64_t> keep);

struct RestoreOptions {
  std::string from;                 // a backup's name, the beginning of its date, or a file
  std::vector<std::string> tables;  // only these; empty: all
  bool confirmed = false;           // else nothing is changed
};

struct RestoreResult {
  std::string name;     // of the backup
  std::string made_at;  // ISO UTC
  Seq seq;
  bool hand_edited = false;
  std::map<std::string, UndoneTable> tables;
  std::vector<UndoneRow> edits;      // the first 20
  std::vector<std::string> left;     // tables that stay as they are, and why
  std::vector<std::string> guarded;  // tables whose deletions the next sync will hold back
  Path backup;                       // of the application's database as it was before
  bool done = false;

  std::uint64_t rows() const;
};

// Brings the rows of a backup back, as ordinary new edits of this database. Throws Error: kNotFound
// for the backup; kDamaged, kTooNew, kWrongShare when it is not to be used; kGuard when rows that
// refer to each other would be torn apart; kAlreadyExists for a UNIQUE value. Nothing was changed
// then.
RestoreResult restore_master(Environment& env, const Path& database, const RestoreOptions& options);

}  // namespace tidesync
