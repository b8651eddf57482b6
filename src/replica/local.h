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

#include "replica/absent_values.h"
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
  // Its key has another type than the share's: whoever lacks nothing may propose the form here.
  bool other_key_type = false;
  bool refuses = false;  // a rule of it refuses rows of the share
};

// What is new about a table of this database since its last run: the application was updated here.
// What follows from it: replica/newcomers.h.
struct Newcomer {
  std::uint32_t table = 0;
  bool is_new = false;        // the share had it before
  bool was_gated = false;     // it stood still until now
  std::string gated_from;     // then: where in the log it began to; "" is not known
  bool is_untracked = false;  // it has lost our triggers: nobody saw what was done in it since
  bool was_altered =
      false;  // its CREATE statement is another one, or it stands elsewhere in the file
  std::vector<std::string> columns;  // that came, or came back, since they were last seen
  std::vector<std::string> gone;     // that were here and went
  // The declared type that a column had at the last run, where it is another one now; by name.
  std::map<std::string, std::string> old_types;

  bool any() const {
    return is_new || was_gated || is_untracked || was_altered || !columns.empty();
  }
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
  // kKeepAndHide: the same, and columns that came into the base copy meanwhile are not seen yet:
  // what the update here put into them is not to be taken for an edit.
  enum class Gates { kReopen, kKeep, kKeepAndHide };
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
  // Where in the log a gated table began to stand still, or does now; text_of() a cursor.
  std::string gate_place(std::uint32_t table);
  std::map<std::uint32_t, std::string> gate_places();
  // The database goes back in the log: no gate is closed since a later place.
  void move_gates_back(const Cursor& place);
  // Tables that refused rows, of which the share has others by now: use_shapes() opens their gates.
  void try_again(std::set<std::uint32_t> tables) { tries_again_ = std::move(tables); }
  // Where values of absent columns come from.
  void set_absent_values(RowLookup lookup, ExactLookup has_exact = {});
  TableAccess& table(std::uint32_t id);
  // What an edit between two syncs has for columns that are absent here.
  AbsentValues& edited_absent() { return edited_absent_; }
  // Those that are on the share by now need not be kept any more; in a transaction.
  void forget_absent_on_share();
  // Whether a text can be stored here as it is: a database in UTF-16 takes no others.
  bool holds_exactly(std::string_view image);

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
  void hide_new_columns(const TableShape& base, std::set<std::string>& missing);
  // Also reads the table's shape into `here`, where there is a table.
  std::optional<std::string> why_gated(const TableShape& base, TableGate& gate, TableShape& here);
  void see_through_form(const TableShape& base, const ColumnShape& share, ColumnShape& here);
  TableShape shape_here(const TableShape& base, const TableShape& here);
  bool has_any_trigger(const TableShape& shape);
  Newcomer what_is_new(const TableShape& shape, bool was_gated);
  std::string made_note(const std::string& table);
  std::map<std::string, std::string> form_notes();
  void note_synced_at(const TableShape& shape);
  std::map<std::string, std::string> wanted_triggers() const;
  std::map<std::string, std::string> present_triggers();

  bool table_has(const TableShape& shape, std::string_view key);
  bool read_share(const TableShape& shape, std::string_view key, RowImage& image);

  Database db_;
  AbsentValues edited_absent_{db_};
  std::vector<TableShape> shapes_;
  std::vector<TableGate> gates_;
  References references_;
  bool is_utf8_ = true;
  std::set<std::uint32_t> tries_again_;
  std::vector<std::string> not_here_yet_;
  std::set<std::string> missing_;  // "customer.phone", "notes": not to be seen until kReopen
  std::vector<Newcomer> newcomers_;
  RowLookup absent_values_;
  ExactLookup has_exact_;
  std::map<std::uint32_t, std::unique_ptr<TableAccess>> tables_;
  std::map<std::uint32_t, std::string> synced_at_;  // UPDATE statement by table
};

}  // namespace tidesync
