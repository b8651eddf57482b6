// The triggers of Local: key-only, append-only hints (schema as in protocol.md 6.1).
//
// A trigger names only the key columns of its own table and our hint table: naming more would make
// the application's own ALTER TABLE ... DROP COLUMN fail. It is a plain INSERT into a table without
// constraints, so that the conflict clause of the application's statement (OR REPLACE, UPSERT),
// which SQLite hands on to the statements of a trigger, has nothing to act on.
#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "replica/local.h"

namespace tidesync {
namespace {

constexpr char kPrefix[] = "tidesync_";
constexpr const char* kNowMs = "CAST((julianday('now')-2440587.5)*86400000 AS INTEGER)";

struct TriggerText {
  std::string table, values_old, values_new, columns, key_changed;
};

TriggerText text_of(const TableShape& shape) {
  TriggerText text;
  std::vector<std::string> columns, old_names, new_names, changed;
  for (std::size_t i = 0; i < shape.key.size(); ++i) {
    const std::string name = quote_name(shape.columns[shape.key[i]].name);
    columns.push_back("k" + std::to_string(i + 1));
    old_names.push_back("OLD." + name);
    new_names.push_back("NEW." + name);
    // typeof and BINARY: a key that only changes its case or its type is another key to us.
    changed.push_back("NEW." + name + " IS NOT OLD." + name + " COLLATE BINARY OR typeof(NEW." +
                      name + ")<>typeof(OLD." + name + ")");
  }
  text.table = quote_name(shape.name);
  text.columns = "t,o," + join(columns, ",") + ",at";
  text.values_old = join(old_names, ",");
  text.values_new = join(new_names, ",");
  text.key_changed = join(changed, " OR ");
  return text;
}

std::string insert_hint(const TriggerText& text, std::uint32_t id, HintKind kind,
                        const std::string& values, const std::string& condition = {}) {
  const std::string hint = std::to_string(id) + "," + std::to_string(static_cast<int>(kind)) + "," +
                           values + "," + kNowMs;
  // VALUES costs the application a sixteenth less than SELECT.
  return "INSERT INTO tidesync_dirty(" + text.columns + ") " +
         (condition.empty() ? "VALUES (" + hint + ");"
                            : "SELECT " + hint + " WHERE " + condition + ";");
}

}  // namespace

std::map<std::string, std::string> Local::wanted_triggers() const {
  std::map<std::string, std::string> triggers;
  for (const TableShape& shape : shapes_) {
    const TriggerText text = text_of(shape);
    const std::string name = kPrefix + std::to_string(shape.id);
    const auto add = [&](const char* suffix, const char* event, const std::string& body) {
      triggers[name + suffix] = "CREATE TRIGGER \"" + name + suffix + "\" AFTER " + event + " ON " +
                                text.table + " BEGIN " + body + " END";
    };
    add("_i", "INSERT", insert_hint(text, shape.id, HintKind::kInserted, text.values_new));
    add("_u", "UPDATE",
        insert_hint(text, shape.id, HintKind::kUpdated, text.values_old) +
            insert_hint(text, shape.id, HintKind::kInserted, text.values_new, text.key_changed));
    add("_d", "DELETE", insert_hint(text, shape.id, HintKind::kDeleted, text.values_old));
  }
  return triggers;
}

std::map<std::string, std::string> Local::present_triggers() {
  std::map<std::string, std::string> triggers;
  Statement rows = db_.prepare(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name GLOB 'tidesync_[0-9]*'");
  while (rows.step()) {
    // Those of a gated table stay as they are: its hints are still needed.
    const auto number = std::strtoull(rows.get_text(0).c_str() + sizeof kPrefix - 1, nullptr, 10);
    const bool gated = std::any_of(gates_.begin(), gates_.end(),
                                   [&](const TableGate& gate) { return gate.id == number; });
    if (!gated) triggers[rows.get_text(0)] = rows.get_text(1);
  }
  return triggers;
}

bool Local::has_any_trigger(const TableShape& shape) {
  Statement find = db_.prepare(
      "SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name GLOB ?1"
      " AND tbl_name = ?2 COLLATE NOCASE");
  find.bind_text(1, kPrefix + std::to_string(shape.id) + "_[iud]").bind_text(2, shape.name);
  return find.step();
}

bool Local::triggers_are_intact() {
  return present_triggers() == wanted_triggers();
}

bool Local::install_triggers() {
  const auto wanted = wanted_triggers();
  const auto present = present_triggers();
  if (present == wanted) return false;
  for (const auto& [name, sql] : present) {
    const auto found = wanted.find(name);
    if (found == wanted.end() || found->second != sql) db_.exec("DROP TRIGGER " + quote_name(name));
  }
  for (const auto& [name, sql] : wanted) {
    const auto found = present.find(name);
    if (found == present.end() || found->second != sql) db_.exec(sql);
  }
  return true;
}

void Local::drop_triggers() {
  // Ours all begin alike: those for hints, and those of --add-columns.
  std::vector<std::string> names;
  {
    Statement rows = db_.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name GLOB 'tidesync_*'");
    while (rows.step()) names.push_back(rows.get_text(0));
  }
  for (const std::string& name : names) db_.exec("DROP TRIGGER " + quote_name(name));
}

}  // namespace tidesync
