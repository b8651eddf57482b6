// The one exception type of the project.
//
// An Error names what was being done, on what, what went wrong and what the user should do next.
// It is caught in two places only: where a run is recorded (sync/session) and in main. Outcomes a
// caller must branch on are enums, never Errors. Thread rule: a value, freely copied.
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace tidesync {

// Why an operation stopped. The command line turns each into an exit code (cli/exit_code.h); the
// identifiers appear in JSON output and stay as they are once released.
enum class ErrorCode {
  kUsage,             // wrong arguments or configuration
  kNotADatabase,      // file is not SQLite, or is encrypted
  kNotFound,          // a file, folder, table or row that must exist does not
  kAlreadyExists,     // would overwrite something
  kNoPermission,      // the system refused
  kReadOnly,          // share or database cannot be written
  kDiskFull,          // no space or quota
  kIo,                // any other failure of the file system
  kShareUnreachable,  // the share's folder is missing, empty or does not answer
  kWrongShare,        // a dataset is there, but not ours
  kTooNew,            // written by a newer version of the program
  kDamaged,           // bytes that fail their digest, or cannot be parsed
  kDiverged,          // history on the share contradicts what was seen before
  kBusy,              // the application holds the database longer than the patience
  kAlreadyRunning,    // another run of the same database is active
  kSchema,            // table shape cannot be synced or changed incompatibly
  kGuard,             // a safety limit stopped the run until a person decides
  kSql,               // SQLite reported an error that has no better name
  kInterrupted,       // a signal asked us to stop
  kInternal,          // a broken invariant: a defect of this program
};

// The stable identifier of a code, for JSON ("share_unreachable").
std::string_view to_string(ErrorCode code);

class Error : public std::exception {
 public:
  // operation: what was being done ("open database").  subject: file or table it was done on.
  // detail: what happened, in a sentence without a final full stop; says what was kept if anything
  // was at stake.  hint: what to do next; may be empty.
  Error(ErrorCode code, std::string operation, std::string subject, std::string detail,
        std::string hint = {});

  ErrorCode code() const noexcept { return code_; }
  const std::string& operation() const noexcept { return operation_; }
  const std::string& subject() const noexcept { return subject_; }
  const std::string& detail() const noexcept { return detail_; }
  const std::string& hint() const noexcept { return hint_; }

  // "operation subject: detail", without the hint.
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  ErrorCode code_;
  std::string operation_;
  std::string subject_;
  std::string detail_;
  std::string hint_;
  std::string message_;
};

}  // namespace tidesync
