// What the parts of verify share. Private to this room.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/process_lock.h"
#include "inspect/verify.h"
#include "replica/base.h"
#include "replica/local.h"
#include "replica/scratch.h"
#include "share/dataset.h"
#include "sync/config.h"

namespace tidesync {

// A file of ours that is gone when the object is, with what SQLite puts beside it.
class ScratchFile {
 public:
  ScratchFile(FileSystem& fs, Path file);
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile();
  const Path& path() const { return path_; }

 private:
  FileSystem& fs_;
  Path path_;
};

class Verification {
 public:
  Verification(Environment& environment, const Path& database, const VerifyOptions& chosen);

  void reached(Step step, std::uint64_t done = 0, std::uint64_t total = 0) {
    if (options.steps) options.steps->reached(step, done, total);
  }
  // Once, however many checks come upon it.
  void difference(std::string what, std::string what_to_do, std::optional<RowDiff> row = {}) {
    for (const Finding& finding : report.findings) {
      if (finding.what == what) return;
    }
    report.findings.push_back({true, std::move(what), std::move(what_to_do), std::move(row)});
  }
  void remark(std::string what, std::string what_to_do) {
    report.findings.push_back({false, std::move(what), std::move(what_to_do), std::nullopt});
  }
  ScratchFile scratch_file(const std::string& name);

  Environment& env;
  LocalPaths paths;
  VerifyOptions options;
  Config config;
  std::unique_ptr<ProcessLock> lock;
  Local local;
  Base base;
  VerifyReport report;
  bool base_is_sound = true;
  std::unique_ptr<Dataset> dataset;  // nullptr: the share is away
};

// The first row, in key order, in which two tables of one shape differ; `skip` says which keys do
// not count. Old values are those of `a`.
using SkipKey = std::function<bool(const KeyImage&)>;
std::optional<RowDiff> first_difference(TableAccess& a, TableAccess& b, const SkipKey& skip);
Digest digest_of_table(TableAccess& table, std::uint64_t& rows);

void verify_here(Verification& it);    // database, base copy
void verify_rules(Verification& it);   // integrity, references, hints, cursor
void verify_master(Verification& it);  // master.db against its note, the log and the base copy
void verify_log(Verification& it);     // the newest entries, and with --deep all
void verify_whole_log(Verification& it);

// Adds up entries on top of `state`, a base copy that holds some beginning of the log (nothing, or
// a snapshot), up to and with `last`; every byte, digest and link of the chain is checked. False
// when it cannot go on; the findings say why.
bool replay_log(Verification& it, Base& state, Seq last);

}  // namespace tidesync
