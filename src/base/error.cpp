#include "base/error.h"

#include <utility>

namespace tidesync {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUsage:
      return "usage";
    case ErrorCode::kNotADatabase:
      return "not_a_database";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kAlreadyExists:
      return "already_exists";
    case ErrorCode::kNoPermission:
      return "no_permission";
    case ErrorCode::kReadOnly:
      return "read_only";
    case ErrorCode::kDiskFull:
      return "disk_full";
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kShareUnreachable:
      return "share_unreachable";
    case ErrorCode::kWrongShare:
      return "wrong_share";
    case ErrorCode::kTooNew:
      return "too_new";
    case ErrorCode::kDamaged:
      return "damaged";
    case ErrorCode::kDiverged:
      return "diverged";
    case ErrorCode::kBusy:
      return "busy";
    case ErrorCode::kAlreadyRunning:
      return "already_running";
    case ErrorCode::kSchema:
      return "schema";
    case ErrorCode::kGuard:
      return "guard";
    case ErrorCode::kSql:
      return "sql";
    case ErrorCode::kInterrupted:
      return "interrupted";
    case ErrorCode::kInternal:
      return "internal";
  }
  return "internal";
}

Error::Error(ErrorCode code, std::string operation, std::string subject, std::string detail,
             std::string hint)
    : code_(code),
      operation_(std::move(operation)),
      subject_(std::move(subject)),
      detail_(std::move(detail)),
      hint_(std::move(hint)) {
  message_ = operation_;
  if (!subject_.empty()) message_ += " " + subject_;
  if (!detail_.empty()) message_ += ": " + detail_;
}

}  // namespace tidesync
