#include "replica/row_writer.h"

#include <utility>

namespace tidesync {

WriteOutcome RowWriter::put(std::string_view key, const RowImage* before, const RowImage* after) {
  if (!after) {
    if (before) table_.erase(key);
    return WriteOutcome::kDone;
  }
  const WriteOutcome outcome = before ? table_.update(key, *before, *after) : table_.insert(*after);
  if (outcome != WriteOutcome::kUnique) return outcome;
  if (before) table_.erase(key);
  aside_.push_back(*after);
  return WriteOutcome::kDone;
}

std::vector<RowImage> RowWriter::finish() {
  for (bool progress = true; progress && !aside_.empty();) {
    progress = false;
    std::vector<RowImage> still;
    for (RowImage& image : aside_) {
      if (table_.insert(image) == WriteOutcome::kDone) {
        progress = true;
      } else {
        still.push_back(std::move(image));
      }
    }
    aside_ = std::move(still);
  }
  return std::exchange(aside_, {});
}

}  // namespace tidesync
