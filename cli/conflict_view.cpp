#include "cli/conflict_view.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/conflict_words.h"
#include "cli/json.h"
#include "cli/times.h"

namespace tidesync {
namespace {

constexpr std::size_t kLongestValue = 200;  // bytes of a value that are shown

using Version = std::optional<NamedRow>;

std::string cell(const Version& version, const std::string& column) {
  if (!version) return "-";
  const Value* value = find_value(*version, column);
  if (!value) return "-";
  const ValueView view = value->view();
  std::string text = display(view, kLongestValue);
  if (view.type == ValueType::kText && view.bytes.size() > kLongestValue)
    text += " (" + with_thousands(view.bytes.size()) + " bytes)";
  return text;
}

bool differ(const Version& a, const Version& b, const std::string& column) {
  const Value* left = a ? find_value(*a, column) : nullptr;
  const Value* right = b ? find_value(*b, column) : nullptr;
  return left && right ? left->view() != right->view() : left != right;
}

std::vector<std::string> columns_of(const ConflictRow& conflict) {
  const Version& version = conflict.winner  ? conflict.winner
                           : conflict.loser ? conflict.loser
                                            : conflict.base;
  std::vector<std::string> columns;
  if (version) {
    for (const NamedValue& named : *version) columns.push_back(named.column);
  }
  return columns;
}

bool is_key(const ConflictRow& conflict, const std::string& column) {
  return find_value(conflict.key, column) != nullptr;
}

std::string name_with_you(const std::string& user, const std::string& node, const Reader& reader) {
  const std::string name = user.empty() ? node : user;
  return node == reader.node ? name + " (you)" : name;
}

std::string saved(const std::string& iso, const Reader& reader) {
  std::int64_t at_ms = 0;
  if (!parse_iso_utc(iso, at_ms) || at_ms <= 1000) return "-";
  return reader.utc ? utc_time(iso) : local_time(at_ms);
}

void add_authors(Table& table, const ConflictRow& conflict, const Reader& reader) {
  const auto add = [&](const char* name, const std::string& winner, const std::string& loser) {
    table.rows.push_back({Cell(""), Cell(name, Style::kDim), Cell(""), Cell(winner), Cell(loser)});
  };
  add("user", name_with_you(conflict.winner_user, conflict.winner_node, reader),
      name_with_you(conflict.loser_user, conflict.loser_node, reader));
  add("node", conflict.winner_node, conflict.loser_node);
  add("changed", saved(conflict.winner_updated_at, reader),
      saved(conflict.loser_updated_at, reader));
  add("record", conflict.winner ? "" : "(no row)", conflict.loser ? "" : "(no row)");
  if (conflict.winner && conflict.loser) table.rows.pop_back();
}

// How many columns were left out because all versions agree in them.
std::size_t add_columns(Table& table, const ConflictRow& conflict, bool full) {
  const auto disputed = disputed_columns(conflict);
  const bool two_rows = conflict.winner && conflict.loser;
  std::size_t left_out = 0;
  for (const std::string& column : columns_of(conflict)) {
    const bool in_dispute = std::find(disputed.begin(), disputed.end(), column) != disputed.end();
    const bool one_side =
        (conflict.base && conflict.winner && differ(conflict.base, conflict.winner, column)) ||
        (conflict.base && conflict.loser && differ(conflict.base, conflict.loser, column)) ||
        (two_rows && differ(conflict.winner, conflict.loser, column));
    // Stamps differ whenever anything does, and "changed" above says it better.
    if (is_stamp_column(column) && !full) continue;
    if (!in_dispute && !one_side && !full && two_rows && !is_key(conflict, column)) {
      ++left_out;
      continue;
    }
    const Style winner = in_dispute ? Style::kGood : Style::kPlain;
    const Style loser = in_dispute ? Style::kWarning : Style::kPlain;
    table.rows.push_back(
        {Cell(in_dispute ? "*"
              : one_side ? "+"
                         : ""),
         Cell(column, in_dispute ? Style::kBold : Style::kPlain), Cell(cell(conflict.base, column)),
         Cell(cell(conflict.winner, column), winner), Cell(cell(conflict.loser, column), loser)});
  }
  return left_out;
}

void print_versions(Printer& printer, const ConflictRow& conflict, const Reader& reader,
                    bool full) {
  std::size_t left_out = 0;
  const Table table = versions_table(conflict, reader, full, left_out);
  printer.table(table);
  const auto has_mark = [&](const char* mark) {
    return std::any_of(table.rows.begin(), table.rows.end(),
                       [&](const auto& row) { return row[0].text == mark; });
  };
  if (has_mark("*")) printer.line("  * the two contradict each other", Style::kDim);
  if (has_mark("+")) printer.line("  + changed on one side", Style::kDim);
  if (left_out > 0) {
    printer.line("  " + count_of(left_out, "more column is", "more columns are") +
                     " the same everywhere; --full shows them",
                 Style::kDim);
  }
}

// "as decided", or what is different now.
std::string now_here(const ConflictView& view) {
  const ConflictRow& conflict = view.conflict;
  if (!view.has_table) return "there is no table " + conflict.table + " here";
  if (!view.now)
    return conflict.winner ? "the row was deleted" : "as decided: there is no such row";
  if (!conflict.winner) return "there is a row again";
  std::vector<std::string> changes;
  for (const NamedValue& named : *view.now) {
    if (is_stamp_column(named.column) || !differ(view.now, conflict.winner, named.column)) continue;
    changes.push_back(named.column + " is " + display(named.value.view(), kLongestValue));
  }
  if (changes.empty()) return "as decided";
  const bool as_loser =
      conflict.loser &&
      std::none_of(view.now->begin(), view.now->end(), [&](const NamedValue& named) {
        return !is_stamp_column(named.column) && differ(view.now, conflict.loser, named.column);
      });
  return (as_loser ? "as the loser had it: " : "changed since: ") + join(changes, ", ");
}

std::string state_of(const ConflictRow& conflict) {
  if (conflict.is_open()) return "open";
  return "resolved by " + conflict.resolved_by + " on " + local_time(conflict.resolved_at) + ": " +
         conflict.resolution;
}

void print_commands(Session& session, const ConflictView& view) {
  const ConflictRow& conflict = view.conflict;
  const std::string command = "tidesync conflicts resolve " + view.short_id;
  const std::string rest = db_argument(session.db) + (conflict.is_open() ? "" : " --force");
  const auto disputed = disputed_columns(conflict);
  const std::string loser = !conflict.loser     ? "delete the row after all"
                            : !conflict.winner  ? "bring the row back"
                            : !disputed.empty() ? "take the loser's " + join(disputed, ", ")
                                                : "take the loser's version";
  Printer& printer = session.printer;
  printer.line();
  printer.line(conflict.is_open() ? "To settle it:" : "To settle it again:", Style::kBold);
  const auto print = [&](const std::string& arguments, const std::string& what) {
    printer.line("  " + what + ":");
    printer.line("    " + command + arguments + rest);
  };
  print(" --keep winner", "leave it as it was decided");
  print(" --keep loser", loser);
  if (view.now) {
    const std::string column = disputed.empty() ? "COLUMN" : disputed.front();
    print(" --set " + column + "=VALUE", "another value");
  }
  std::string key = typed_key(conflict.key);
  if (key.find_first_of(" '\"\\$`&|;<>()*?[]#~!") != std::string::npos) key = "\"" + key + "\"";
  printer.line("  the whole life of the record:");
  printer.line("    tidesync why " + conflict.table + " " + key + db_argument(session.db));
}

Json value_json(const ValueView& value) {
  switch (value.type) {
    case ValueType::kNull:
      return nullptr;
    case ValueType::kInteger:
      return value.integer;
    case ValueType::kReal:
      if (std::isinf(value.real)) return Json{{"$real", value.real > 0 ? "inf" : "-inf"}};
      return value.real;
    case ValueType::kText:
      if (is_valid_utf8(value.bytes)) return std::string(value.bytes);
      return Json{{"$text", to_hex(value.bytes)}};
    case ValueType::kBlob:
      return Json{{"$blob", to_hex(value.bytes)}};
  }
  return nullptr;
}

Json row_or_null(const Version& version) {
  return version ? to_json(*version) : Json();
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

}  // namespace

Table versions_table(const ConflictRow& conflict, const Reader& reader, bool full,
                     std::size_t& left_out) {
  Table table{{{"", Fit::kWhole},
               {"column", Fit::kText},
               {"before", Fit::kText},
               {"winner (stays)", Fit::kText},
               {"loser (kept)", Fit::kText}},
              {},
              {}};
  add_authors(table, conflict, reader);
  left_out = add_columns(table, conflict, full);
  return table;
}

void print_conflict(Session& session, const ConflictView& view, bool full) {
  const ConflictRow& conflict = view.conflict;
  const Reader reader{view.node, session.env.clock.now_ms()};
  Printer& printer = session.printer;
  printer.paragraph(conflict_sentence(conflict, reader), "", Style::kBold);
  printer.line();
  printer.facts(
      {{"conflict", conflict.id},
       {"kind", kind_in_words(conflict.kind)},
       {"rule", conflict.rule},
       {"decided", local_time(conflict.created_at)},
       {"state", Cell(state_of(conflict), conflict.is_open() ? Style::kWarning : Style::kGood)},
       {"now here", now_here(view)}});
  printer.line();
  print_versions(printer, conflict, reader, full);
  print_commands(session, view);
}

Json to_json(const NamedRow& row) {
  Json object = Json::object();
  for (const NamedValue& named : row) object[named.column] = value_json(named.value.view());
  return object;
}

Json to_json(const ConflictRow& conflict) {
  return {{"id", conflict.id},
          {"table", conflict.table},
          {"key", to_json(conflict.key)},
          {"kind", conflict.kind},
          {"base", row_or_null(conflict.base)},
          {"winner", row_or_null(conflict.winner)},
          {"loser", row_or_null(conflict.loser)},
          {"disputed", disputed_columns(conflict)},
          {"winner_node", conflict.winner_node},
          {"loser_node", conflict.loser_node},
          {"winner_user", conflict.winner_user},
          {"loser_user", conflict.loser_user},
          {"winner_updated_at", conflict.winner_updated_at},
          {"loser_updated_at", conflict.loser_updated_at},
          {"rule", conflict.rule},
          {"created_at", conflict.created_at},
          {"resolved_at", text_or_null(conflict.resolved_at)},
          {"resolved_by", text_or_null(conflict.resolved_by)},
          {"resolution", text_or_null(conflict.resolution)}};
}

Json to_json(const ConflictView& view) {
  Json object = to_json(view.conflict);
  object["now"] = row_or_null(view.now);
  return object;
}

}  // namespace tidesync
