// The application's database, as far as tidesync has something in it: cursor, intents, hints,
// triggers. None of it is ever written outside a transaction of the caller, and no call here
// touches the share. Thread rule: one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "replica/base.h"
#include "replica/scratch.h"
#include "replica/table_access.h"

namespace tidesync {

// kSettled: the row was seen to equal the base copy; what was noted of it before says nothing more.
enum class HintKind : std::uint8_t { kInserted = 1, kUpdated = 2, kDeleted = 3, kSettled = 4 };

class Local {
 public:
  explicit Local(const Path& file, std::int64_t patience_ms);

  Database& db() { return db_; }
  // True when the database has our tables.
  bool is_attached();
  // Creates our tables; in a transaction.
  void create_tables();
  // Drops our triggers and tables; in a transaction.
  void remove_tables();

  // Follows the tables of the base copy. Throws kSchema when one is missing here or has other
  // columns.
  void use_shapes(const std::vector<TableShape>& base_shapes);
  const std::vector<TableShape>& shapes() const { return shapes_; }
  TableAccess& table(std::uint32_t id);

  // Notes in the application's synced_at column, where the table has one, that the row is on the
  // share. Local to each computer and never compared.
  bool has_synced_at(std::uint32_t table) const { return synced_at_.count(table) > 0; }
  void stamp_synced(std::uint32_t table, std::string_view key, const std::string& utc);

  std::string get_meta(const std::string& key, const std::string& fallback = {});
  void set_meta(const std::string& key, const std::string& value);
  Cursor cursor();
  void set_cursor(const Cursor& cursor);

  bool has_intent(const Uuid& uuid);
  void add_intent(const Uuid& uuid, Seq seq, std::int64_t at_ms);

  // Installs missing or altered triggers, removes those of tables no longer synced; in a
  // transaction. True when anything had to be done: then hints cannot be trusted.
  bool install_triggers();
  bool triggers_are_intact();
  void drop_triggers();

  // Notes that a row written by us still differs from the base copy.
  void add_hint(std::uint32_t table, std::string_view key, HintKind kind, std::int64_t at_ms);
  // Copies hints with n > `after` into scratch; returns the highest n seen (or `after`).
  std::int64_t load_hints(std::int64_t after, Scratch& scratch);
  std::int64_t highest_hint();
  // Forgets hints with n <= mark, but for those of the tables in `keep`.
  void forget_hints(std::int64_t mark, const std::set<std::uint32_t>& keep);

 private:
  void note_synced_at(const TableShape& shape);
  std::map<std::string, std::string> wanted_triggers() const;
  std::map<std::string, std::string> present_triggers();

  Database db_;
  std::vector<TableShape> shapes_;
  std::map<std::uint32_t, std::unique_ptr<TableAccess>> tables_;
  std::map<std::uint32_t, std::string> synced_at_;  // UPDATE statement by table
};

}  // namespace tidesync
