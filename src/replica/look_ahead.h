// What a merge will find in the application's database, looked at before its lock is taken: which
// of the touched rows are as they were before the batches. Most are, and are then not read again
// while the application waits. Thread rule: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "replica/local.h"
#include "replica/scratch.h"

namespace tidesync {

// The row of the application's database under a touched key; false when there is none. In a column
// that this database does not have it is as it was before the batches: nobody changed it here.
bool read_touched(Local& local, const TableShape& shape, const Touched& touched, RowImage& mine);

class LookAhead {
 public:
  // Reads all touched rows. No transaction is open; the application may write meanwhile.
  LookAhead(Local& local, Scratch& scratch);

  // In the write transaction: false when somebody else has committed since it began to look. Then
  // nothing that it says may be used.
  bool is_current() const;
  // Whether the row at this place in the order of Scratch::for_each_touched() is as before the
  // batches, or absent as before. False also where that is not known.
  bool is_as_before(std::uint32_t table, std::size_t place, std::string_view key) const;

 private:
  Local& local_;
  std::int64_t version_;
  std::map<std::uint32_t, std::vector<std::size_t>> as_before_;  // hashes of keys, 0 for the others
};

}  // namespace tidesync
