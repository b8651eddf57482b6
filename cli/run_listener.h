// What `tidesync run` says: a line for each sync that moved something and for each change of state,
// nothing for what repeats. With --json one JSON object a line.
#pragma once

#include <string>

#include "cli/command.h"
#include "schedule/daemon.h"
#include "sync/scheduler_note.h"

namespace tidesync {

class RunListener : public DaemonListener {
 public:
  RunListener(Session& session, const LocalPaths& paths, const DaemonSettings& settings);
  ~RunListener() override;

  void use(const DaemonSettings& settings);
  void began(Due why) override;
  void ended(const SyncEnded& sync, std::int64_t next_ms) override;
  void share_is_silent(std::int64_t since_ms) override;
  void share_answers() override;
  void gave_up_sync() override;
  void problem(const std::string& text) override;

 private:
  void say(const std::string& text, Style style = Style::kPlain);
  void say_sync(const SyncEnded& sync, std::int64_t next_ms);
  void write_note();

  Session& session_;
  LocalPaths paths_;
  SchedulerNote note_;
  std::string trouble_;  // what was said last of a sync that failed; "" when all is well
};

}  // namespace tidesync
