#include "replica/row_filler.h"

namespace tidesync {
namespace {

// Rows with pictures in them are not collected.
constexpr std::size_t kMostBytes = 256u << 10;

}  // namespace

void RowFiller::add(std::string_view row) {
  bytes_.append(row);
  ends_.push_back(bytes_.size());
  if (ends_.size() == table_.rows_at_once() || bytes_.size() >= kMostBytes) finish();
}

void RowFiller::finish() {
  std::vector<std::string_view> rows;
  rows.reserve(ends_.size());
  std::size_t begin = 0;
  for (const std::size_t end : ends_) {
    rows.push_back(std::string_view(bytes_).substr(begin, end - begin));
    begin = end;
  }
  const bool is_full = rows.size() == table_.rows_at_once();
  if (!is_full || table_.insert_all(rows) != WriteOutcome::kDone) {
    for (const std::string_view row : rows) write_one_(table_.shape(), RowImage(row));
  }
  ends_.clear();
  bytes_.clear();
}

}  // namespace tidesync
