// The rows of a table in the order of their numbers, read ahead by a thread of their own: two
// tables in two files are compared in the time of one. A small table is read without a thread.
//
// While a stream lives, its table's connection is its alone. Threads: next() is called by one.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "replica/table_access.h"

namespace tidesync {

class RowStream {
 public:
  // The table's key is its number (KeyKind::kSurrogate).
  explicit RowStream(TableAccess& table);
  RowStream(const RowStream&) = delete;
  RowStream& operator=(const RowStream&) = delete;
  ~RowStream();

  // False after the last row. `image` is valid until the next call. Throws what reading threw.
  bool next(std::string_view& image);

 private:
  struct Block {
    std::string bytes;
    std::vector<std::size_t> ends;  // of the images, in `bytes`
  };
  // False when the table is at its end.
  bool fill(Block& block);
  void read_ahead();
  bool take_block();

  TableAccess& table_;
  Statement rows_;
  Block block_;            // the reader of next() is in it
  std::size_t row_ = 0;    // next of block_
  bool has_more_ = false;  // blocks after block_
  std::thread thread_;
  std::mutex mutex_;  // of all below
  std::condition_variable changed_;
  std::deque<Block> ready_;
  bool is_stopped_ = false;  // nobody will take another block
  bool is_done_ = false;     // no block will follow
  std::exception_ptr failure_;
};

}  // namespace tidesync
