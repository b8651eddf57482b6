// Proves that this database, its base copy, the log and master.db agree, by digests of all rows, or
// names the first row in which they do not. Edits that were not sent yet are no difference.
//
// Nothing is changed, here or on the share: what is wrong is told together with what repairs it. A
// sync cannot run meanwhile.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/ids.h"
#include "inspect/status.h"
#include "sync/environment.h"

namespace tidesync {

struct VerifyOptions {
  // Reads every entry on the share whole, and adds all of them up anew.
  bool deep = false;
  Steps* steps = nullptr;
};

struct TableVerdict {
  std::string table;
  bool is_here = true;         // false: the table stands still, or is not here yet
  std::uint64_t rows = 0;      // in the base copy
  std::uint64_t not_sent = 0;  // rows that were changed here since
  Digest here;                 // of the rows here, without what was not sent
  Digest base;
  std::optional<Digest> master;  // nullopt: not read, or of another batch
};

struct Finding {
  bool is_difference = true;  // false: worth knowing, and no contradiction
  std::string what;
  std::string what_to_do;
  std::optional<RowDiff> row;  // the first row that differs; old: as it should be, new: as it is
};

struct VerifyReport {
  Seq seq_here;
  std::optional<Seq> seq_on_share, seq_in_master;
  std::string share_problem;  // why the share was not read
  bool deep = false;
  std::uint64_t entries_read = 0;  // whole
  std::vector<TableVerdict> tables;
  std::vector<Finding> findings;
  std::uint64_t differences() const;
};

// Throws Error kNotFound and kUsage when the database is no node, kAlreadyRunning while a sync
// runs.
VerifyReport verify(Environment& env, const Path& database, const VerifyOptions& options = {});

}  // namespace tidesync
