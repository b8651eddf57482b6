// Edits that a person makes through us (a resolution, an undo) in the application's database: each
// row gets its hint and so travels like any other edit. Triggers of the application do not run, as
// for rows that come in. Private to this room.
//
// Order does not matter: rows may swap UNIQUE values, children may come before their parents. What
// the edits together would break is found by finish(), before the caller commits.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "replica/local.h"
#include "replica/row_writer.h"

namespace tidesync {

class RowEditor {
 public:
  // `operation` names what is being done, in errors. In a write transaction of the caller.
  RowEditor(Local& local, std::string operation, std::int64_t now_ms);

  // Brings the row from `before`, as it is now (nullptr: absent), to `after` (nullptr: to go). A
  // row that was absent is the record that others know by this key, unless `is_new_record`. Throws
  // Error kGuard when a CHECK or NOT NULL refuses it.
  void put(const TableShape& shape, const KeyImage& key, const RowImage* before,
           const RowImage* after, bool is_new_record = false);
  // Throws kAlreadyExists, naming the record that has the UNIQUE value, or kGuard, naming the rows
  // whose parent would be missing. The caller then rolls back.
  void finish();

 private:
  using Reference = std::pair<std::uint32_t, std::size_t>;  // child table, position of its key

  void note_references(const TableShape& shape, const KeyImage& key, const RowImage* before,
                       const RowImage* after);
  void check_unique();
  void check_references();
  void find_orphans(const Reference& reference, std::vector<std::string>& problems,
                    std::uint64_t& count);
  std::string describe_rival(const TableShape& shape, const RowImage& image);

  Local& local_;
  std::string operation_;
  std::int64_t now_ms_;
  std::map<std::uint32_t, RowWriter> writers_;
  std::set<Reference> to_check_;
  // What the edits did to references: rows that refer to something else now, parents that went.
  std::unordered_set<std::string> moved_children_, removed_parents_;
};

// The image with updated_at = now, in the form of the time that stands there, and updated_by = user
// where that is a name; as it is where the table has no such columns or nobody knows the form.
RowImage stamped(const TableShape& shape, const RowImage& image, const std::string& user,
                 std::int64_t now_ms);

}  // namespace tidesync
