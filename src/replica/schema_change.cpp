#include "replica/schema_change.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "replica/schema_reader.h"

namespace tidesync {
namespace {

using Json = nlohmann::ordered_json;

// Deeper than any schema of ours. It comes from the share, and what walks through it recurses.
constexpr int kMaxDepth = 12;

const SharedTable* find_table(const ShareSchema& schema, std::uint32_t id) {
  for (const SharedTable& table : schema.tables) {
    if (table.id == id) return &table;
  }
  return nullptr;
}

void drop_base_table(Database& base, const SharedTable& table) {
  base.exec("DROP TABLE " + quote_name(table.name) +
            "; DELETE FROM tidesync_table WHERE id = " + std::to_string(table.id));
}

// The same on every computer: rows that get a number by it must get the same one everywhere.
std::string order_of(const SharedTable& table, const std::vector<ListedColumn>& columns) {
  std::vector<std::string> terms;
  for (const std::string& name : table.key) {
    const ListedColumn* column = find_listed(columns, name);
    if (column) terms.push_back(quote_name(column->name) + " COLLATE BINARY");
  }
  return terms.empty() ? "rowid" : join(terms, ",");
}

// Rows are kept aside without any type, so that nothing is converted on the way.
void rebuild_base_table(Database& base, const SharedTable& from, const SharedTable& to) {
  const auto old_columns = read_columns(base, from.name);
  std::vector<std::string> kept;
  for (const ListedColumn& column : old_columns) {
    if (!column.generated)
      kept.push_back("+" + quote_name(column.name) + " AS " + quote_name(column.name));
  }
  base.exec("CREATE TEMP TABLE tidesync_aside AS SELECT " + join(kept, ",") + " FROM main." +
            quote_name(from.name));
  drop_base_table(base, from);
  create_base_table(base, to);
  std::vector<std::string> names;
  std::vector<std::string> values;
  for (const ListedColumn& column : read_columns(base, to.name)) {
    if (column.generated) continue;
    const ListedColumn* old = find_listed(old_columns, column.name);
    const std::string literal = default_literal(column);
    names.push_back(quote_name(column.name));
    values.push_back(!old || old->generated ? literal
                     : column.not_null ? "ifnull(" + quote_name(old->name) + "," + literal + ")"
                                       : quote_name(old->name));
  }
  base.exec("INSERT INTO main." + quote_name(to.name) + " (" + join(names, ",") + ") SELECT " +
            join(values, ",") + " FROM temp.tidesync_aside ORDER BY " +
            order_of(from, old_columns));
  base.exec("DROP TABLE temp.tidesync_aside");
}

// Values of new columns come with the batch; until then a CHECK may be broken.
class WithoutChecks {
 public:
  explicit WithoutChecks(Database& db) : db_(db) {
    db_.exec("PRAGMA ignore_check_constraints = ON");
  }
  ~WithoutChecks() {
    try {
      db_.exec("PRAGMA ignore_check_constraints = OFF");
    } catch (const Error&) {
      // The connection is of no use any more, and says so at its next statement.
    }
  }

 private:
  Database& db_;
};

}  // namespace

std::set<std::uint32_t> SchemaChange::altered() const {
  std::set<std::uint32_t> ids;
  for (const SharedTable& table : from.tables) {
    const SharedTable* after = find_table(to, table.id);
    if (!after || after->sql != table.sql) ids.insert(table.id);
  }
  for (const SharedTable& table : to.tables) {
    if (!find_table(from, table.id)) ids.insert(table.id);
  }
  return ids;
}

bool is_schema_change(std::string_view json) {
  return json.substr(0, 8) == R"({"from":)";
}

std::string to_json(const SchemaChange& change) {
  return R"({"from":)" + to_json(change.from) + R"(,"to":)" + to_json(change.to) + "}";
}

SchemaChange parse_schema_change(std::string_view text) {
  const auto is_kept = [](int depth, Json::parse_event_t, const Json&) {
    return depth <= kMaxDepth;
  };
  const Json json = Json::parse(text, is_kept, false);
  if (!json.is_object() || !json.contains("from") || !json.contains("to")) {
    throw Error(ErrorCode::kDamaged, "read", "schema section of a batch", "it is no schema change");
  }
  return {parse_share_schema(json["from"].dump()), parse_share_schema(json["to"].dump())};
}

void change_base_tables(Database& base, const SchemaChange& change) {
  const WithoutChecks without_checks(base);
  drop_base_indexes(base, change.from);
  for (const SharedTable& table : change.from.tables) {
    const SharedTable* after = find_table(change.to, table.id);
    if (!after) {
      drop_base_table(base, table);
    } else if (after->sql != table.sql) {
      rebuild_base_table(base, table, *after);
    }
  }
  for (const SharedTable& table : change.to.tables) {
    if (!find_table(change.from, table.id)) create_base_table(base, table);
  }
  create_base_indexes(base, change.to);
  note_base_objects(base, change.to);
}

}  // namespace tidesync
