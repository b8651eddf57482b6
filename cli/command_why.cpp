#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/command.h"
#include "cli/conflict_view.h"
#include "cli/conflict_words.h"
#include "cli/json.h"
#include "cli/times.h"
#include "inspect/why.h"

namespace tidesync {
namespace {

using Kind = LifeEvent::Kind;

struct Options {
  std::string table, key, column;
};

std::string when(std::int64_t at_ms) {
  return at_ms > 1000 ? local_time(at_ms) : "at an unknown time";
}

// "2026-11-21 10:00:05  Bob on ben, batch 3, run 7c1e55aa"
std::string headline(const LifeEvent& event) {
  constexpr std::size_t kShortId = 8;
  std::string text = when(event.at_ms) + "  ";
  if (!event.node.empty())
    text += (event.user.empty() ? event.node : event.user + " on " + event.node) + ", ";
  if (event.seq == 0 && !event.node.empty()) return text + "not published yet";
  if (event.seq == 0) return text + "batch unknown";
  text += "batch " + std::to_string(event.seq);
  if (!event.run_id.empty()) text += ", run " + event.run_id.substr(0, kShortId);
  return event.is_here ? text : text + ", not brought in here yet";
}

// "id 17, name 'Miller'"
std::string whole_row(const LifeEvent& event) {
  std::vector<std::string> parts;
  for (const ColumnDiff& column : event.columns) {
    const std::string& value = event.kind == Kind::kDeleted ? column.old_value : column.new_value;
    if (value != "NULL") parts.push_back(column.column + " " + value);
  }
  return join(parts, ", ");
}

void print_columns(Printer& printer, const LifeEvent& event) {
  const bool only_stamps = std::all_of(event.columns.begin(), event.columns.end(),
                                       [](const auto& c) { return is_stamp_column(c.column); });
  std::vector<std::pair<std::string, Cell>> facts;
  for (const ColumnDiff& column : event.columns) {
    // The line above says when and who.
    if (is_stamp_column(column.column) && !only_stamps) continue;
    facts.emplace_back(column.column, Cell(column.old_value + "  ->  " + column.new_value));
  }
  printer.facts(facts);
}

void print_event(Session& session, const LifeEvent& event) {
  constexpr std::size_t kShortId = 8;
  Printer& printer = session.printer;
  printer.line(headline(event), event.seq == 0 || !event.is_here ? Style::kWarning : Style::kBold);
  const std::string id = event.conflict_id.substr(0, kShortId);
  switch (event.kind) {
    case Kind::kInserted:
      printer.paragraph("inserted: " + whole_row(event), "  ");
      break;
    case Kind::kDeleted:
      printer.paragraph("deleted: " + whole_row(event), "  ");
      break;
    case Kind::kReplaced:
      printer.paragraph("deleted, and inserted again as: " + whole_row(event), "  ");
      break;
    case Kind::kUpdated:
      print_columns(printer, event);
      break;
    case Kind::kConflict:
      printer.paragraph("conflict " + id + ", decided: " + event.rule, "  ", Style::kWarning);
      if (event.winner != event.loser)
        printer.paragraph(event.winner + " won, " + event.loser + " lost.", "  ");
      break;
    case Kind::kResolved:
      printer.paragraph("conflict " + id + " settled: " + event.rule, "  ", Style::kGood);
      break;
  }
  if (!event.note.empty()) printer.paragraph(event.note, "  ", Style::kDim);
}

// "1-40, 42"
std::string ranges(const std::vector<std::uint64_t>& numbers) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t end = i;
    while (end + 1 < numbers.size() && numbers[end + 1] == numbers[end] + 1) ++end;
    parts.push_back(std::to_string(numbers[i]) +
                    (end > i ? "-" + std::to_string(numbers[end]) : ""));
    i = end + 1;
  }
  return join(parts, ", ");
}

// From where on the life is known.
std::string beginning(const RowLife& life) {
  if (!life.unread.empty()) {
    const bool several = life.unread.size() > 1;
    return std::string(several ? "Batches " : "Batch ") + ranges(life.unread) +
           " could not be read: what " + (several ? "they" : "it") +
           " did to the row is not known here.";
  }
  const bool from_init = !life.events.empty() && life.events.front().seq == 1 &&
                         life.events.front().kind == Kind::kInserted;
  if (from_init) return "It was in the database when the share was set up (batch 1).";
  return "";
}

void print_life(Session& session, const RowLife& life) {
  Printer& printer = session.printer;
  const std::string known_from = beginning(life);
  if (!known_from.empty()) printer.paragraph(known_from);
  for (const LifeEvent& event : life.events) print_event(session, event);
  if (!life.events.empty()) printer.line();
  if (!life.share_was_read) {
    printer.paragraph(
        "Only the copies kept here were read, the share cannot be reached: " + life.share_problem,
        "", Style::kWarning);
  }
  if (!life.now) {
    printer.paragraph("Now there is no such row here.");
    return;
  }
  std::vector<std::string> values;
  for (const NamedValue& named : *life.now) {
    const bool is_asked =
        life.column.empty() || to_lower_ascii(named.column) == to_lower_ascii(life.column);
    if (is_asked) values.push_back(named.column + " " + display(named.value.view()));
  }
  printer.paragraph("Now here: " + join(values, ", "));
}

const char* kind_name(Kind kind) {
  switch (kind) {
    case Kind::kInserted:
      return "insert";
    case Kind::kUpdated:
      return "update";
    case Kind::kDeleted:
      return "delete";
    case Kind::kReplaced:
      return "replace";
    case Kind::kConflict:
      return "conflict";
    case Kind::kResolved:
      return "resolved";
  }
  return "";
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

Json to_json(const LifeEvent& event) {
  Json columns = Json::array();
  for (const ColumnDiff& column : event.columns) {
    columns.push_back(
        {{"column", column.column}, {"old", column.old_value}, {"new", column.new_value}});
  }
  return {{"kind", kind_name(event.kind)},
          {"at", event.at_ms > 0 ? Json(iso_utc(event.at_ms)) : Json()},
          {"seq", event.seq == 0 ? Json() : Json(event.seq)},
          {"published_at", event.published_ms > 0 ? Json(iso_utc(event.published_ms)) : Json()},
          {"brought_in", event.is_here},
          {"user", event.user},
          {"node", event.node},
          {"run", text_or_null(event.run_id)},
          {"columns", columns},
          {"conflict", text_or_null(event.conflict_id)},
          {"rule", text_or_null(event.rule)},
          {"winner", text_or_null(event.winner)},
          {"loser", text_or_null(event.loser)},
          {"note", text_or_null(event.note)}};
}

Json to_json(const RowLife& life) {
  Json events = Json::array();
  for (const LifeEvent& event : life.events) events.push_back(to_json(event));
  return {{"table", life.table},
          {"key", life.key},
          {"column", text_or_null(life.column)},
          {"events", events},
          {"unread", Json(life.unread)},
          {"share_was_read", life.share_was_read},
          {"share_problem", text_or_null(life.share_problem)},
          {"now", life.now ? to_json(*life.now) : Json()}};
}

ExitCode run(const Options& options, Session& session) {
  const RowLife life =
      read_life(session.env, session.database(), options.table, options.key, options.column);
  if (session.json) {
    session.printer.json(to_json(life));
  } else {
    print_life(session, life);
  }
  return ExitCode::kDone;
}

}  // namespace

void setup_why(CLI::App& app, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(app, session,
                  {"why",
                   "Tells the life of a row: who changed what, when, and which rule decided",
                   {ExitCode::kDone, ExitCode::kFailed, ExitCode::kUsage},
                   "tidesync why --db quotes.db quotes 17 discount"},
                  [options, &session] { return run(*options, session); });
  command->add_option("TABLE", options->table, "The table")->required()->type_name("");
  command->add_option("KEY", options->key, "The row with this key; a key of several columns: A,B")
      ->required()
      ->type_name("");
  command->add_option("COLUMN", options->column, "Only changes of this column")->type_name("");
}

}  // namespace tidesync
