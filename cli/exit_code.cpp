#include "cli/exit_code.h"

namespace tidesync {
namespace {

const char* meaning(ExitCode code) {
  switch (code) {
    case ExitCode::kDone:
      return "done";
    case ExitCode::kFailed:
      return "failed";
    case ExitCode::kUsage:
      return "wrong arguments or configuration";
    case ExitCode::kNewConflicts:
      return "done, new conflicts were kept in sync_conflicts";
    case ExitCode::kShareUnreachable:
      return "share unreachable, all work is kept here";
    case ExitCode::kAlreadyRunning:
      return "another sync of this database is running";
    case ExitCode::kTooOld:
      return "this version or schema is too old for the share";
    case ExitCode::kProblemsFound:
      return "problems were found";
    case ExitCode::kInterrupted:
      return "interrupted";
  }
  return "";
}

}  // namespace

ExitCode exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUsage:
      return ExitCode::kUsage;
    case ErrorCode::kShareUnreachable:
      return ExitCode::kShareUnreachable;
    case ErrorCode::kAlreadyRunning:
      return ExitCode::kAlreadyRunning;
    case ErrorCode::kTooNew:
    case ErrorCode::kSchema:
      return ExitCode::kTooOld;
    case ErrorCode::kInterrupted:
      return ExitCode::kInterrupted;
    default:
      return ExitCode::kFailed;
  }
}

ExitCode exit_code(const SyncResult& result) {
  switch (result.status) {
    case RunStatus::kSuccess:
    case RunStatus::kPartial:
      // Stopped on the way (the application kept its database locked): nothing is lost, not done.
      if (result.error) return exit_code(result.error->code());
      return result.conflicts > 0 && !result.dry_run ? ExitCode::kNewConflicts : ExitCode::kDone;
    case RunStatus::kOffline:
      return ExitCode::kShareUnreachable;
    case RunStatus::kError:
      break;
  }
  return result.error ? exit_code(result.error->code()) : ExitCode::kFailed;
}

std::string describe(std::initializer_list<ExitCode> codes) {
  std::string text = "Exit codes:\n";
  for (const ExitCode code : codes) {
    const std::string number = std::to_string(static_cast<int>(code));
    text += std::string(5 - number.size(), ' ') + number + "  " + meaning(code) + "\n";
  }
  return text;
}

}  // namespace tidesync
