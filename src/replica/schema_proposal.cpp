#include "replica/schema_proposal.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/text.h"
#include "replica/schema_reader.h"

namespace tidesync {
namespace {

constexpr const char* kNoteTable = "own_table:";  // + number: digest of the CREATE statement
constexpr const char* kNoteColumns =
    "own_columns:";                                  // + number: name and type of each, a line each
constexpr const char* kNoteObjects = "own_objects";  // of indexes, views, triggers, user_version

bool is_left_out(const ShareSchema& schema, const std::string& name) {
  return schema.left_out.count(to_lower_ascii(name)) > 0;
}

const TableChoice* find_choice(const std::vector<TableChoice>& catalog, const std::string& name) {
  for (const TableChoice& choice : catalog) {
    if (to_lower_ascii(choice.name) == to_lower_ascii(name)) return &choice;
  }
  return nullptr;
}

std::string column_definition(const ListedColumn& column) {
  std::string text = quote_name(column.name) + " " + column.type;
  if (column.not_null) text += " NOT NULL";
  const std::string literal = default_literal(column);
  if (literal != "NULL") text += " DEFAULT " + literal;
  return text;
}

// The table with further columns at its end, as SQLite itself writes it.
std::string with_columns(const SharedTable& table, const std::vector<ListedColumn>& columns) {
  Database scratch = Database::in_memory();
  scratch.exec(table.sql);
  for (const ListedColumn& column : columns) {
    scratch.exec("ALTER TABLE " + quote_name(table.name) + " ADD COLUMN " +
                 column_definition(column));
  }
  return scratch.get_text("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = " +
                          quote_text(table.name) + " COLLATE NOCASE");
}

std::string objects_digest(const ShareSchema& schema) {
  std::string all;
  for (const SharedObject& object : schema.objects) all += object.sql + "\n";
  const auto version = schema.pragmas.find("user_version");
  if (version != schema.pragmas.end()) all += std::to_string(version->second);
  return digest_of(all).hex();
}

class Proposer {
 public:
  Proposer(Local& local, const ShareSchema& shared)
      : local_(local), catalog_(read_catalog(local.db())), shared_(shared), to_(shared) {}

  std::optional<SchemaProposal> propose() {
    for (SharedTable& table : to_.tables) extend(table);
    for (const TableChoice& choice : catalog_) add_table(choice);
    take_objects();
    if (words_.empty()) return std::nullopt;
    return SchemaProposal{{shared_, to_}, words_};
  }

 private:
  void extend(SharedTable& table) {
    const TableChoice* here = find_choice(catalog_, table.name);
    if (!here || !here->can_sync) return;
    const auto theirs = columns_of(table);
    const auto ours = read_columns(local_.db(), here->name);
    if (is_gated(table.id, ours, theirs)) return;
    std::vector<ListedColumn> added;
    bool lacks_none = true;
    for (const ListedColumn& column : theirs)
      lacks_none = lacks_none && find_listed(ours, column.name);
    for (const ListedColumn& column : ours) {
      const std::string full_name = to_lower_ascii(table.name + "." + column.name);
      // Given up for everybody, and now an update of the application has brought it anew.
      if (is_left_out(shared_, full_name) && came_anew(table, column))
        to_.left_out.erase(full_name);
      const bool given_up = is_left_out(to_, full_name);
      lacks_none = lacks_none && !given_up;
      if (!given_up && here->shape.find_column(column.name) && !find_listed(theirs, column.name))
        added.push_back(column);
    }
    // A table that is newer in everything is taken over as it is written here, rules and all.
    const std::string noted = local_.get_meta(kNoteTable + std::to_string(table.id));
    const bool rules_changed = !noted.empty() && noted != digest_of(here->sql).hex();
    std::string sql = table.sql;
    if (lacks_none && (!added.empty() || rules_changed) && types_are_newer(table, ours, theirs)) {
      sql = here->sql;
    } else if (!added.empty()) {
      sql = with_columns(table, added);
    }
    if (sql == table.sql) return;
    table.sql = sql;
    std::vector<std::string> names;
    for (const ListedColumn& column : added) names.push_back(column.name);
    words_.push_back(names.empty() ? "the rules of table " + table.name + " changed"
                                   : "table " + table.name + " has the new column" +
                                         (names.size() == 1 ? " " : "s ") + join(names, ", "));
  }

  bool came_anew(const SharedTable& table, const ListedColumn& column) {
    const std::string noted = local_.get_meta(kNoteColumns + std::to_string(table.id));
    return !noted.empty() &&
           noted.find("\n" + to_lower_ascii(column.name) + " ") == std::string::npos;
  }

  // Whether the form here may take the place of the share's: it has no column of another type, or
  // its type was changed here. Two computers that brought the column with two types would change
  // the values of each other for ever.
  bool types_are_newer(const SharedTable& table, const std::vector<ListedColumn>& ours,
                       const std::vector<ListedColumn>& theirs) {
    const std::string noted = local_.get_meta(kNoteColumns + std::to_string(table.id));
    for (const ListedColumn& column : ours) {
      const ListedColumn* share = find_listed(theirs, column.name);
      if (!share || affinity_of(share->type) == affinity_of(column.type)) continue;
      const std::string start = "\n" + to_lower_ascii(column.name) + " ";
      const std::size_t at = noted.find(start);
      if (at == std::string::npos) return false;
      const std::size_t begin = at + start.size();
      const std::string before = noted.substr(begin, noted.find('\n', begin) - begin);
      if (affinity_of(before) != affinity_of(share->type)) return false;
    }
    return true;
  }

  std::vector<ListedColumn> columns_of(const SharedTable& table) {
    Database scratch = Database::in_memory();
    scratch.exec(table.sql);
    return read_columns(scratch, table.name);
  }

  // A form that only its key or its NOT NULL keeps from being the share's may still be proposed:
  // nobody could sync the table any more when all computers have it.
  bool is_gated(std::uint32_t id, const std::vector<ListedColumn>& ours,
                const std::vector<ListedColumn>& theirs) const {
    const bool fills_more = std::any_of(ours.begin(), ours.end(), [&](const ListedColumn& column) {
      const ListedColumn* share = find_listed(theirs, column.name);
      return share && column.not_null && !share->not_null;
    });
    return std::any_of(local_.gates().begin(), local_.gates().end(), [&](const TableGate& gate) {
      return gate.id == id && !gate.other_key_type && !(gate.refuses && fills_more);
    });
  }

  void add_table(const TableChoice& choice) {
    if (!choice.can_sync || shared_.left_out.count("*") > 0 || is_left_out(shared_, choice.name))
      return;
    std::uint32_t highest = kFirstTableId - 1;
    for (const SharedTable& table : to_.tables) {
      if (to_lower_ascii(table.name) == to_lower_ascii(choice.name)) return;
      highest = std::max(highest, table.id);
    }
    SharedTable table{next_number(highest), choice.name, choice.sql, {}};
    for (const std::size_t column : choice.shape.key)
      table.key.push_back(choice.shape.columns[column].name);
    to_.tables.push_back(std::move(table));
    words_.push_back("table " + choice.name + " is new");
  }

  // Numbers of tables that were given up are not used again: hints of theirs may still lie about.
  std::uint32_t next_number(std::uint32_t highest) {
    std::int64_t& next = to_.pragmas["next_table_id"];
    next = std::max<std::int64_t>(next, highest + 1);
    return static_cast<std::uint32_t>(next++);
  }

  // Indexes, views and triggers, so that a computer that joins later has the newest. From a
  // database that lacks nothing, and only when they changed here.
  void take_objects() {
    std::vector<TableChoice> synced;
    for (const SharedTable& table : to_.tables) {
      const TableChoice* here = find_choice(catalog_, table.name);
      if (!here || !here->can_sync) return;
      synced.push_back(*here);
    }
    const ShareSchema own = read_share_schema(local_.db(), synced);
    const std::string noted = local_.get_meta(kNoteObjects);
    if (noted.empty() || noted == objects_digest(own) ||
        objects_digest(own) == objects_digest(shared_))
      return;
    to_.objects = own.objects;
    to_.pragmas["user_version"] = own.pragmas.at("user_version");
    if (words_.empty()) words_.push_back("indexes, views or triggers changed");
  }

  Local& local_;
  std::vector<TableChoice> catalog_;
  const ShareSchema& shared_;
  ShareSchema to_;
  std::vector<std::string> words_;
};

// The table with its columns and key alone. What else was written of it may speak of columns that
// go.
std::string plain_table(Database& db, const std::string& name,
                        const std::vector<std::string>& without) {
  std::vector<std::string> terms;
  std::map<int, std::string> primary;
  for (const ListedColumn& column : read_columns(db, name)) {
    const bool goes = std::any_of(without.begin(), without.end(), [&](const std::string& gone) {
      return to_lower_ascii(gone) == to_lower_ascii(column.name);
    });
    if (goes || column.generated) continue;
    terms.push_back(column_definition(column));
    if (column.pk > 0) primary[column.pk] = quote_name(column.name);
  }
  std::vector<std::string> key;
  for (const auto& [position, column] : primary) key.push_back(column);
  if (!key.empty()) terms.push_back("PRIMARY KEY (" + join(key, ", ") + ")");
  return "CREATE TABLE " + quote_name(name) + " (" + join(terms, ", ") + ")";
}

// The table without the columns, as SQLite itself writes it.
std::string without_columns(const SharedTable& table, const std::vector<std::string>& columns) {
  Database scratch = Database::in_memory();
  scratch.exec(table.sql);
  try {
    for (const std::string& column : columns) {
      scratch.exec("ALTER TABLE " + quote_name(table.name) + " DROP COLUMN " + quote_name(column));
    }
  } catch (const Error&) {
    // It is UNIQUE, in an index or a CHECK, or refers to something.
    return plain_table(scratch, table.name, columns);
  }
  return scratch.get_text("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = " +
                          quote_text(table.name) + " COLLATE NOCASE");
}

// As the table is written here, where nothing else of it is missing; "" where that is not so.
std::string own_form(Local& local, const std::vector<TableChoice>& catalog,
                     const SharedTable& table, const std::vector<std::string>& gone,
                     const std::set<std::string>& left_out) {
  const TableChoice* here = find_choice(catalog, table.name);
  if (!here || !here->can_sync) return {};
  Database scratch = Database::in_memory();
  scratch.exec(table.sql);
  const auto ours = read_columns(local.db(), here->name);
  for (const ListedColumn& column : read_columns(scratch, table.name)) {
    if (!find_listed(ours, column.name) &&
        std::find(gone.begin(), gone.end(), column.name) == gone.end())
      return {};
  }
  for (const ListedColumn& column : ours) {
    if (left_out.count(to_lower_ascii(table.name + "." + column.name)) > 0) return {};
  }
  return here->sql;
}

}  // namespace

std::optional<SchemaProposal> propose_schema(Local& local, const ShareSchema& shared) {
  return Proposer(local, shared).propose();
}

std::optional<SchemaProposal> propose_dropping(Local& local, const ShareSchema& shared) {
  SchemaProposal proposal{{shared, shared}, {}};
  ShareSchema& to = proposal.change.to;
  if (local.gates().empty()) return std::nullopt;
  const auto catalog = read_catalog(local.db());
  for (const TableGate& gate : local.gates()) {
    const auto table = std::find_if(to.tables.begin(), to.tables.end(),
                                    [&](const SharedTable& t) { return t.id == gate.id; });
    if (table == to.tables.end()) continue;
    if (gate.vanished) {
      to.left_out.insert(to_lower_ascii(gate.table));
      to.pragmas["next_table_id"] =
          std::max<std::int64_t>(to.pragmas["next_table_id"], std::int64_t{gate.id} + 1);
      to.tables.erase(table);
      proposal.words.push_back("table " + gate.table + " is not synced any more");
    } else if (!gate.columns.empty()) {
      for (const std::string& column : gate.columns) {
        to.left_out.insert(to_lower_ascii(gate.table + "." + column));
      }
      const std::string own = own_form(local, catalog, *table, gate.columns, shared.left_out);
      table->sql = own.empty() ? without_columns(*table, gate.columns) : own;
      proposal.words.push_back("of table " + gate.table +
                               " no longer synced: " + join(gate.columns, ", "));
    }
  }
  if (proposal.words.empty()) return std::nullopt;
  return proposal;
}

void note_own_schema(Local& local) {
  const auto catalog = read_catalog(local.db());
  const auto note = [&](const std::string& key, const std::string& value) {
    if (local.get_meta(key) != value) local.set_meta(key, value);
  };
  std::vector<TableChoice> synced;
  for (const TableShape& shape : local.shapes()) {
    const TableChoice* here = shape.system ? nullptr : find_choice(catalog, shape.name);
    if (!here) continue;
    synced.push_back(*here);
    note(kNoteTable + std::to_string(shape.id), digest_of(here->sql).hex());
    std::string columns = "\n";
    for (const ListedColumn& column : read_columns(local.db(), here->name))
      columns += to_lower_ascii(column.name) + " " + column.type + "\n";
    note(kNoteColumns + std::to_string(shape.id), columns);
  }
  note(kNoteObjects, objects_digest(read_share_schema(local.db(), synced)));
}

}  // namespace tidesync
