#include "replica/row_stream.h"

namespace tidesync {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 18;
constexpr std::size_t kBlocksAhead = 4;

}  // namespace

RowStream::RowStream(TableAccess& table) : table_(table), rows_(table.scan_by_number()) {
  has_more_ = fill(block_);
  if (has_more_) thread_ = std::thread([this] { read_ahead(); });
}

RowStream::~RowStream() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool RowStream::next(std::string_view& image) {
  while (row_ == block_.ends.size()) {
    if (!has_more_ || !take_block()) return false;
  }
  const std::size_t begin = row_ == 0 ? 0 : block_.ends[row_ - 1];
  image = std::string_view(block_.bytes).substr(begin, block_.ends[row_] - begin);
  ++row_;
  return true;
}

bool RowStream::fill(Block& block) {
  while (block.bytes.size() < kBlockBytes) {
    if (!rows_.step()) return false;
    table_.append_image(rows_, block.bytes);
    block.ends.push_back(block.bytes.size());
  }
  return true;
}

void RowStream::read_ahead() {
  bool has_more = true;
  while (has_more) {
    Block block;
    std::exception_ptr failure;
    try {
      has_more = fill(block);
    } catch (...) {
      failure = std::current_exception();
      has_more = false;
    }
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return is_stopped_ || ready_.size() < kBlocksAhead; });
    if (is_stopped_) return;
    ready_.push_back(std::move(block));
    failure_ = failure;
    is_done_ = !has_more;
    changed_.notify_all();
  }
}

bool RowStream::take_block() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [&] { return is_done_ || !ready_.empty(); });
  // What was read before it failed is not given out: it would look like the end of the table.
  if (failure_) std::rethrow_exception(failure_);
  if (ready_.empty()) {
    has_more_ = false;
    return false;
  }
  block_ = std::move(ready_.front());
  ready_.pop_front();
  row_ = 0;
  changed_.notify_all();
  return true;
}

}  // namespace tidesync
