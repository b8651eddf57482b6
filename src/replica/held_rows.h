// Rows of tables that stand still here (TableGate) while the share goes on: each as it was when the
// table began to stand still, so that the merge afterwards knows what this database is known to
// have had. Kept in the base copy by whatever changes a row there, in either direction of the log,
// and by a change of the schema that takes a column away. Thread rule: that of its connection;
// every call that writes is in a transaction on it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/ids.h"
#include "base/value.h"
#include "merge/table_shape.h"
#include "merge/three_way.h"
#include "sqlite/database.h"

namespace tidesync {

// A place in the log.
struct Cursor {
  Seq seq;
  Digest hash;
  bool operator==(const Cursor&) const = default;
};
// "12 3f...", as it stands in notes.
std::string text_of(const Cursor& cursor);

struct HeldRow {
  bool existed = false;
  // Encoded, by column name in lower case: the form may have changed since. Empty if it did not
  // exist.
  std::map<std::string, std::string> values;
  // The same of the row just before the share's table took its present form; empty when that is
  // older.
  std::map<std::string, std::string> last_values;
  Author theirs;  // who changed it last
};

class HeldRows {
 public:
  explicit HeldRows(Database& db) : db_(db) {}

  // After a rollback, and once after opening.
  void reload();
  bool holds(std::uint32_t table) const { return from_.count(table) > 0; }
  // Where the table began to stand still; text_of() a cursor, "" when it is not held.
  std::string from(std::uint32_t table) const;
  // Anew: all rows are as they are now.
  void begin(std::uint32_t table, const Cursor& from);
  void end(std::uint32_t table);
  // Everything that began beyond `place` begins there: the base copy went back.
  void go_back_to(const Cursor& place);

  // Before a row is changed; does nothing for tables that are not held. `before`: nullptr: it did
  // not exist.
  void keep(const TableShape& shape, std::string_view key, const RowImage* before,
            const Author& theirs);
  // Before the form of the table changes.
  void keep_last(const TableShape& shape, std::string_view key, const RowImage& row);
  // The batch that changed a row of it last, "" when none did.
  std::string last_change(std::uint32_t table);
  void note_change(const Cursor& by);  // after keep()

  // nullopt: the row is as it was. The key is that of the form at the time it was kept.
  std::optional<HeldRow> find(std::uint32_t table, std::string_view key);
  void for_each(std::uint32_t table,
                const std::function<void(const KeyImage& key, const HeldRow&)>& visit);

 private:
  std::int64_t form_of(const TableShape& shape);
  HeldRow read(const Statement& row);
  std::map<std::string, std::string> values_of(std::int64_t form, const RowImage& image);

  Database& db_;
  std::map<std::uint32_t, std::string> from_;
  std::map<std::int64_t, std::vector<std::string>> forms_;
  std::set<std::uint32_t> changed_;  // since note_change()
};

}  // namespace tidesync
