#include "sync/result.h"

namespace tidesync {

std::string_view to_string(RunStatus status) {
  switch (status) {
    case RunStatus::kSuccess:
      return "success";
    case RunStatus::kPartial:
      return "partial";
    case RunStatus::kOffline:
      return "offline";
    case RunStatus::kError:
      return "error";
  }
  return "error";
}

std::string_view to_string(Direction direction) {
  switch (direction) {
    case Direction::kPull:
      return "pull";
    case Direction::kPush:
      return "push";
    case Direction::kNone:
    case Direction::kBidirectional:
      return "bidirectional";
  }
  return "bidirectional";
}

}  // namespace tidesync
