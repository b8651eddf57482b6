// What the checks of doctor share. Private to this room.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/process_lock.h"
#include "inspect/doctor.h"
#include "replica/base.h"
#include "replica/local.h"
#include "share/dataset.h"
#include "share/share_check.h"
#include "sync/config.h"

namespace tidesync {

class Examination {
 public:
  Examination(Environment& environment, const Path& database, const DoctorOptions& chosen)
      : env(environment), paths(database), options(chosen) {}

  void ok(const std::string& name, const std::string& text) {
    report.checks.push_back({name, CheckVerdict::kOk, text, ""});
  }
  void warning(const std::string& name, const std::string& text, const std::string& what_to_do) {
    report.checks.push_back({name, CheckVerdict::kWarning, text, what_to_do});
  }
  void problem(const std::string& name, const std::string& text, const std::string& what_to_do) {
    report.checks.push_back({name, CheckVerdict::kProblem, text, what_to_do});
  }
  void add(const std::string& name, const ShareFinding& finding) {
    const CheckVerdict verdict = finding.verdict == ShareVerdict::kOk ? CheckVerdict::kOk
                                 : finding.verdict == ShareVerdict::kWarning
                                     ? CheckVerdict::kWarning
                                     : CheckVerdict::kProblem;
    report.checks.push_back({name, verdict, finding.what, finding.what_to_do});
  }
  // Runs a check; what it cannot do is a problem of its own.
  template <typename Action>
  bool attempt(const std::string& name, Action action) {
    try {
      action();
      return true;
    } catch (const Error& error) {
      const std::string& hint = error.hint();
      problem(name, error.what(), hint.empty() ? "Try again; if it stays, look into log/." : hint);
      return false;
    }
  }
  MountFacts mount_of(const Path& path) { return env.mount_of ? env.mount_of(path) : MountFacts(); }

  Environment& env;
  LocalPaths paths;
  DoctorOptions options;
  DoctorReport report;
  // As far as they could be read.
  std::optional<Config> config;
  std::unique_ptr<ProcessLock> lock;
  bool sync_is_running = false;
  std::unique_ptr<Local> local;
  bool is_attached = false;
  Uuid share_id;
  std::unique_ptr<Base> base;  // not while a sync is running
  std::unique_ptr<Dataset> dataset;
};

void examine_database(Examination& it);  // the application's
void examine_node(Examination& it);      // our folder beside it
void examine_tables(Examination& it);    // both together
void examine_place_of_share(Examination& it);
void examine_share(Examination& it);
void examine_log(Examination& it);
void examine_copies(Examination& it);  // master.db, heartbeats, tmp/, quarantine/

}  // namespace tidesync
