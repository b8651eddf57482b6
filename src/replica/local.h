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

// A table that is synced elsewhere and stays as it is here, because its form does not allow it. Its
// hints are kept: when the form fits again, they tell what was done here in the meantime.
struct TableGate {
  std::uint32_t id = 0;
  std::string table;
  std::string reason;                // "its column price is gone here"
  bool vanished = false;             // the whole table
  std::vector<std::string> columns;  // the columns that are gone
};

// What this database has since its last run and the share had before: the application was updated
// here after others, or a gate is over. Its values come from the share (replica/newcomers.h).
struct Newcomer {
  enum class Kind {
    kColumns,
    kTable,
    kGateOver,
    kRebuilt,  // the table was dropped and made again: it has lost our triggers
  };
  std::uint32_t table = 0;
  Kind kind = Kind::kTable;
  std::vector<std::string> columns;  // kColumns
};

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

  // Follows the tables of the base copy (local_shapes.cpp). Tables that an older application does
  // not have yet are left out, columns it does not have are marked absent; what was here at the
  // last run and is gone now closes a gate.
  // kKeep: a gate that was closed stays so, and a table or column that was missing stays missing,
  // whatever the database looks like now: the application may be updated in the middle of a run.
  // The rows must first be filled in, which needs kReopen and newcomers().
  enum class Gates { kReopen, kKeep };
  void use_shapes(const std::vector<TableShape>& base_shapes, Gates gates = Gates::kReopen);
  const std::vector<TableShape>& shapes() const { return shapes_; }
  const std::vector<TableGate>& gates() const { return gates_; }
  const std::vector<std::string>& not_here_yet() const { return not_here_yet_; }
  // Of the names in a schema's left_out, those that this database has: "customer.phone", "notes".
  std::vector<std::string> given_up_here(const std::set<std::string>& left_out);
  const std::vector<Newcomer>& newcomers() const { return newcomers_; }
  // Remembers tables, columns and gates as use_shapes() found them; in a transaction. Needed when
  // forms_have_changed().
  void note_forms();
  bool forms_have_changed();
  // Closes a gate until the table is another one: a rule of it refuses rows of the share.
  void refuse_table(const TableShape& shape, const std::string& reason);
  // Where values of absent columns come from.
  void set_absent_values(RowLookup lookup);
  TableAccess& table(std::uint32_t id);

  // Notes in the application's synced_at column, where the table has one, that the row is on the
  // share. Local to each computer and never compared.
  bool has_synced_at(std::uint32_t table) const { return synced_at_.count(table) > 0; }
  void stamp_synced(std::uint32_t table, std::string_view key, const std::string& utc);

  std::string get_meta(const std::string& key, const std::string& fallback = {});
  void set_meta(const std::string& key, const std::string& value);
  Cursor cursor();
  void set_cursor(const Cursor& cursor);

  // Batches that this database has all of: those it tried to publish, and those it left with a
  // fork.
  bool has_intent(const Uuid& uuid);
  void add_intent(const Uuid& uuid, Seq seq, std::int64_t at_ms);

  // Installs missing or altered triggers, removes those of tables no longer synced; in a
  // transaction. True when anything had to be done: then hints cannot be trusted.
  bool install_triggers();
  bool triggers_are_intact();
  void drop_triggers();

  // Notes that a row written by us still differs from the base copy.
  // gone_by: the row stays although the share lost its record by that deletion.
  void add_hint(std::uint32_t table, std::string_view key, HintKind kind, std::int64_t at_ms,
                DeletionId gone_by = kUnknownDeletion);
  // Copies hints with n > `after` into scratch; returns the highest n seen (or `after`).
  std::int64_t load_hints(std::int64_t after, Scratch& scratch);
  std::int64_t highest_hint();
  // Rows of the application that have hints: what waits to be published, at most.
  std::uint64_t count_waiting_rows();
  // Forgets hints with n <= mark, but for those of the tables in `keep`.
  void forget_hints(std::int64_t mark, const std::set<std::uint32_t>& keep);

 private:
  void use_shape(const TableShape& base, Gates gates);
  std::set<std::string> what_is_missing() const;
  // Also reads the table's shape into `here`, where there is a table.
  std::optional<std::string> why_gated(const TableShape& base, TableGate& gate, TableShape& here);
  TableShape shape_here(const TableShape& base, const TableShape& here);
  bool has_any_trigger(const TableShape& shape);
  std::map<std::string, std::string> form_notes();
  void note_synced_at(const TableShape& shape);
  std::map<std::string, std::string> wanted_triggers() const;
  std::map<std::string, std::string> present_triggers();

  Database db_;
  std::vector<TableShape> shapes_;
  std::vector<TableGate> gates_;
  References references_;
  std::vector<std::string> not_here_yet_;
  std::set<std::string> missing_;  // "customer.phone", "notes": not to be seen until kReopen
  std::vector<Newcomer> newcomers_;
  RowLookup absent_values_;
  std::map<std::uint32_t, std::unique_ptr<TableAccess>> tables_;
  std::map<std::uint32_t, std::string> synced_at_;  // UPDATE statement by table
};

}  // namespace tidesync
