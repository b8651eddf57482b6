#include "replica/conflict_row.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"

namespace tidesync {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kShortIdDigits = 8;
constexpr const char* kColumns =
    "SELECT id, table_name, row_key, kind, base_row, winner_row, loser_row, winner_node, "
    "loser_node,"
    " winner_user, loser_user, winner_updated_at, loser_updated_at, rule, created_at, resolved_at,"
    " resolved_by, resolution FROM sync_conflicts ";
constexpr const char* kCondition =
    "WHERE (?1 = 0 OR (?1 = 1 AND resolved_at IS NULL) OR (?1 = 2 AND resolved_at IS NOT NULL))"
    " AND (?2 = '' OR table_name = ?2 COLLATE NOCASE)"
    " AND (?3 = '' OR winner_node = ?3 OR loser_node = ?3)";

Value value_of(const Json& json) {
  if (json.is_null()) return Value::null();
  if (json.is_number_integer()) return Value::of(json.get<std::int64_t>());
  if (json.is_number()) return Value(ValueView::of_real(json.get<double>()));
  if (json.is_string()) return Value::text(json.get<std::string>());
  if (json.contains("$blob"))
    return Value(ValueView::blob(from_hex(json["$blob"].get<std::string>())));
  if (json.contains("$text")) return Value::text(from_hex(json["$text"].get<std::string>()));
  const double infinity = std::numeric_limits<double>::infinity();
  return Value(
      ValueView::of_real(json.at("$real").get<std::string>() == "-inf" ? -infinity : infinity));
}

ConflictRow row_of(const Statement& row) {
  const auto parsed = [&](int column) -> std::optional<NamedRow> {
    if (row.column(column).is_null()) return std::nullopt;
    return parse_row_json(row.column(column).bytes);
  };
  ConflictRow conflict;
  conflict.id = row.get_text(0);
  conflict.table = row.get_text(1);
  conflict.key = parse_row_json(row.column(2).bytes);
  conflict.kind = row.get_text(3);
  conflict.base = parsed(4);
  conflict.winner = parsed(5);
  conflict.loser = parsed(6);
  conflict.winner_node = row.get_text(7);
  conflict.loser_node = row.get_text(8);
  conflict.winner_user = row.get_text(9);
  conflict.loser_user = row.get_text(10);
  conflict.winner_updated_at = row.get_text(11);
  conflict.loser_updated_at = row.get_text(12);
  conflict.rule = row.get_text(13);
  conflict.created_at = row.get_text(14);
  conflict.resolved_at = row.get_text(15);
  conflict.resolved_by = row.get_text(16);
  conflict.resolution = row.get_text(17);
  return conflict;
}

// A row that somebody spoiled by hand must not hide the others.
ConflictRow row_of_or_note(const Statement& row) {
  try {
    return row_of(row);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDamaged) throw;
    ConflictRow conflict;
    conflict.id = row.get_text(0);
    conflict.table = row.get_text(1);
    conflict.key.push_back({"", Value::text(row.get_text(2))});
    conflict.kind = row.get_text(3);
    conflict.rule = "this row cannot be read: it was changed by hand";
    conflict.created_at = row.get_text(14);
    conflict.resolved_at = row.get_text(15);
    return conflict;
  }
}

std::optional<ConflictRow> read_one(Database& db, const std::string& id,
                                    ConflictRow (*read)(const Statement& row)) {
  Statement& find = db.cached(std::string(kColumns) + "WHERE id = ?1");
  find.bind_text(1, id);
  std::optional<ConflictRow> conflict;
  if (find.step()) conflict = read(find);
  find.reset();
  return conflict;
}

void bind_filter(Statement& statement, const ConflictFilter& filter) {
  const std::int64_t which = filter.which == ConflictFilter::Which::kAll    ? 0
                             : filter.which == ConflictFilter::Which::kOpen ? 1
                                                                            : 2;
  statement.bind(1, which).bind_text(2, filter.table).bind_text(3, filter.node);
}

bool differ(const NamedRow& a, const NamedRow& b, const std::string& column) {
  const Value* left = find_value(a, column);
  const Value* right = find_value(b, column);
  return !left || !right || left->view() != right->view();
}

// The columns that a rule names in parentheses at its end: "... newest wins (price, unit)". Empty
// when these are no columns of the row.
std::vector<std::string> columns_in_rule(const ConflictRow& conflict) {
  const auto open = conflict.rule.rfind(" (");
  if (open == std::string::npos || conflict.rule.back() != ')') return {};
  std::string rest = conflict.rule.substr(open + 2, conflict.rule.size() - open - 3) + ", ";
  std::vector<std::string> columns;
  for (auto comma = rest.find(", "); comma != std::string::npos; comma = rest.find(", ")) {
    columns.push_back(rest.substr(0, comma));
    rest.erase(0, comma + 2);
    if (!find_value(*conflict.loser, columns.back())) return {};
  }
  return columns;
}

void check_prefix(const std::string& prefix) {
  const bool is_hex = prefix.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!prefix.empty() && is_hex) return;
  throw Error(ErrorCode::kUsage, "find conflict", prefix,
              "the id of a conflict is made of the digits 0-9 and a-f",
              "tidesync conflicts --all lists them");
}

}  // namespace

const Value* find_value(const NamedRow& row, std::string_view column) {
  const std::string wanted = to_lower_ascii(column);
  for (const NamedValue& named : row) {
    if (to_lower_ascii(named.column) == wanted) return &named.value;
  }
  return nullptr;
}

NamedRow parse_row_json(std::string_view text) {
  try {
    NamedRow row;
    const Json json = Json::parse(text);
    for (const auto& [column, value] : json.items()) row.push_back({column, value_of(value)});
    return row;
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kDamaged, "read conflict", "sync_conflicts", error.what(),
                "Somebody changed a row of sync_conflicts by hand. Nothing else is affected.");
  }
}

std::string typed_key(const NamedRow& key) {
  std::vector<std::string> parts;
  for (const NamedValue& named : key) {
    const ValueView value = named.value.view();
    parts.push_back(value.type == ValueType::kText ? std::string(value.bytes) : display(value));
  }
  return join(parts, ",");
}

std::vector<ConflictRow> list_conflicts(Database& db, const ConflictFilter& filter) {
  Statement rows =
      db.prepare(std::string(kColumns) + kCondition + " ORDER BY created_at DESC, id LIMIT ?4");
  bind_filter(rows, filter);
  rows.bind(4, filter.limit == 0 ? std::int64_t{-1} : static_cast<std::int64_t>(filter.limit));
  std::vector<ConflictRow> conflicts;
  while (rows.step()) conflicts.push_back(row_of_or_note(rows));
  return conflicts;
}

std::uint64_t count_conflicts(Database& db, const ConflictFilter& filter) {
  Statement count = db.prepare(std::string("SELECT count(*) FROM sync_conflicts ") + kCondition);
  bind_filter(count, filter);
  count.step();
  return static_cast<std::uint64_t>(count.get_int(0));
}

std::string oldest_open_conflict(Database& db) {
  return db.get_text("SELECT min(created_at) FROM sync_conflicts WHERE resolved_at IS NULL");
}

ConflictRow find_conflict(Database& db, const std::string& id_prefix) {
  constexpr std::size_t kListed = 10;
  const std::string prefix = to_lower_ascii(id_prefix);
  check_prefix(prefix);
  Statement rows = db.prepare(std::string(kColumns) + "WHERE id GLOB ?1 || '*' ORDER BY id LIMIT " +
                              std::to_string(kListed + 1));
  rows.bind_text(1, prefix);
  std::vector<ConflictRow> found;
  while (rows.step()) found.push_back(row_of(rows));
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    throw Error(ErrorCode::kNotFound, "find conflict", prefix, "no conflict here has this id",
                "tidesync conflicts --all lists them");
  }
  std::vector<std::string> names;
  for (const ConflictRow& conflict : found) {
    if (names.size() == kListed) break;
    names.push_back(short_conflict_id(db, conflict.id) + " (" + conflict.table + " " +
                    typed_key(conflict.key) + ")");
  }
  if (found.size() > kListed) names.emplace_back("and more");
  throw Error(ErrorCode::kUsage, "find conflict", prefix,
              "several conflicts begin so: " + join(names, ", "), "Give more digits of the id.");
}

std::optional<ConflictRow> read_conflict(Database& db, const std::string& id) {
  return read_one(db, id, row_of);
}

std::optional<ConflictRow> read_conflict_or_note(Database& db, const std::string& id) {
  return read_one(db, id, row_of_or_note);
}

std::string short_conflict_id(Database& db, const std::string& id) {
  Statement& others = db.cached(
      "SELECT count(*) FROM sync_conflicts WHERE id >= ?1 AND id < ?1 || 'g' AND id <> ?2");
  for (std::size_t digits = kShortIdDigits; digits < id.size(); ++digits) {
    others.reset();
    others.bind_text(1, id.substr(0, digits)).bind_text(2, id);
    const bool unique = others.step() && others.get_int(0) == 0;
    others.reset();
    if (unique) return id.substr(0, digits);
  }
  return id;
}

bool is_stamp_column(std::string_view column) {
  const std::string name = to_lower_ascii(column);
  return name == "updated_at" || name == "updated_by" || name == "synced_at";
}

std::vector<std::string> disputed_columns(const ConflictRow& conflict) {
  std::vector<std::string> columns;
  if (!conflict.winner || !conflict.loser) return columns;
  // A merge by column says where somebody lost: of a group of columns all go with one side, and a
  // sum is nobody's.
  if (conflict.kind == "same_column") columns = columns_in_rule(conflict);
  if (!columns.empty()) return columns;
  // Else: the winner has what the loser alone changed, too. Only where each differs from the row
  // before did somebody lose.
  const bool by_column = conflict.kind == "same_column" && conflict.base;
  for (const NamedValue& named : *conflict.loser) {
    if (is_stamp_column(named.column)) continue;
    if (!differ(*conflict.winner, *conflict.loser, named.column)) continue;
    if (by_column && (!differ(*conflict.base, *conflict.winner, named.column) ||
                      !differ(*conflict.base, *conflict.loser, named.column))) {
      continue;
    }
    columns.push_back(named.column);
  }
  return columns;
}

}  // namespace tidesync
