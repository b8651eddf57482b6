// Working memory of one sync that must not grow with the number of changes: three tables in a
// private temporary SQLite database, which spills to disk by itself.
//
//   hints    rows of the application's database that may differ from the base copy
//   touched  rows changed by the batches being taken in, each with its state before them
//   marked   of the rows touched, those whose references the merge gave new values
//
// Rows are visited in table and key order (integer keys as numbers), which is the order of the
// tables' own pages.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/value.h"
#include "merge/change.h"
#include "merge/record_life.h"
#include "merge/table_shape.h"
#include "replica/key_filter.h"
#include "sqlite/database.h"
#include "sqlite/statement.h"

namespace tidesync {

struct Hint {
  KeyImage key;
  std::int64_t at_ms = 0;   // newest capture, local clock
  bool reinserted = false;  // deleted, then inserted with the same key
  bool inserted = false;    // the application made the row, or gave it this key
  bool was_free = false;    // first of all a row was inserted: nobody had this key before
  DeletionId gone_by = kUnknownDeletion;  // the share lost the row by it, and it stayed here
};

// Who changed a column last, among the batches being taken in.
struct ColumnStamp {
  std::uint16_t column;  // kAllColumns for a whole row
  std::uint32_t batch;   // index given by the caller
  std::int64_t at_ms;
};
inline constexpr std::uint16_t kAllColumns = 0xFFFF;

struct Touched {
  KeyImage key;
  std::optional<RowImage> base;   // before the batches; nullopt: the row did not exist
  bool replaced = false;          // deleted and inserted again among the batches
  std::string notes;              // whose the key was among the batches (merge/record_life.h)
  bool knows_after = false;       // one change was all there was; else the base copy has to be read
  std::optional<RowImage> after;  // then: after it; nullopt: the row is gone
  std::vector<ColumnStamp> stamps;  // in order of application
};

class Scratch {
 public:
  Scratch();

  void add_hint(std::uint32_t table, std::string_view key, std::int64_t at_ms, int operation,
                DeletionId gone_by = kUnknownDeletion);
  std::optional<Hint> find_hint(std::uint32_t table, std::string_view key);
  // Keys of one table in order. The callback must not change hints.
  void for_each_hint(std::uint32_t table, const std::function<void(const Hint&)>& visit);
  std::uint64_t count_hints(std::uint32_t table);
  // Whether a key of the table was deleted and given to another row.
  bool has_reinserted(std::uint32_t table);
  void clear_hints();

  // Remembers `before` on the first touch of a key, then adds the change's stamps.
  void touch(std::uint32_t table, std::string_view key, const RowImage* before,
             const Change& change, std::uint32_t batch);
  // The same, and what the change made of the row, and notes_of() it.
  void touch(std::uint32_t table, std::string_view key, const RowImage* before,
             const RowImage* after, const Change& change, std::uint32_t batch,
             std::string_view notes = {});
  // Remembers a key as touched without a change (a join, where everything is new).
  void touch_whole(std::uint32_t table, std::string_view key, std::int64_t at_ms,
                   std::uint32_t batch, const RowImage* before = nullptr);
  std::optional<Touched> find_touched(std::uint32_t table, std::string_view key);
  void for_each_touched(std::uint32_t table, const std::function<void(const Touched&)>& visit);
  // Of those, the rows that are new under their key: they did not exist, or another one did.
  void for_each_new_touched(std::uint32_t table, const std::function<void(const Touched&)>& visit);
  std::uint64_t count_touched(std::uint32_t table);
  void clear_touched();  // and marks

  void mark(std::uint32_t table, std::string_view key);
  // Keys of one table in order. The callback must not mark.
  void for_each_marked(std::uint32_t table, const std::function<void(const KeyImage&)>& visit);

 private:
  void touch(std::uint32_t table, std::string_view key, const RowImage* before,
             const ValueView& after, const Change& change, std::uint32_t batch,
             std::string_view notes);
  Statement& with_key(Statement& statement, std::uint32_t table, std::string_view key);

  Database db_;
  KeyFilter hinted_;
  Statement add_hint_, find_hint_, touch_, find_touched_, mark_;
};

}  // namespace tidesync
