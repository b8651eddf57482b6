#include "cli/summary.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/conflict_words.h"
#include "cli/json.h"

namespace tidesync {
namespace {

std::string rows(std::uint64_t number) {
  return count_of(number, "row", "rows");
}

// " (1.2 KiB)" for what went over the network; "" for nothing.
std::string size_of(std::uint64_t bytes) {
  return bytes == 0 ? "" : " (" + display_size(bytes) + ")";
}

std::string headline(const SyncResult& result) {
  if (result.pulled + result.pushed + result.conflicts == 0) {
    if (result.status == RunStatus::kPartial)
      return "Nothing came in or went out; something waits.";
    return result.dry_run ? "Nothing would change: both sides are equal."
                          : "Nothing to do: everything is in sync (" +
                                display_duration(result.duration_ms) + ").";
  }
  if (result.dry_run) {
    const std::string most =
        result.bytes_pushed == 0 ? "" : " (" + display_size(result.bytes_pushed) + " at most)";
    return "A sync would bring in " + rows(result.pulled) + size_of(result.bytes_pulled) +
           " and send " + rows(result.pushed) + most + ". Nothing was changed.";
  }
  const std::string counts = rows(result.pulled) + " came in" + size_of(result.bytes_pulled) +
                             ", " + rows(result.pushed) + " went out" +
                             size_of(result.bytes_pushed) + ".";
  if (result.error) return "Stopped on the way: " + counts;
  return "Synced in " + display_duration(result.duration_ms) + ": " + counts;
}

void print_changes(Printer& printer, const SyncResult& result) {
  Table table{{{"table", Fit::kText},
               {"came in", Fit::kNumber},
               {"went out", Fit::kNumber},
               {"conflicts", Fit::kNumber}},
              {},
              {}};
  for (const auto& [name, counts] : result.tables) {
    if (counts.pulled + counts.pushed + counts.conflicts == 0) continue;
    table.rows.push_back({Cell(name), Cell(with_thousands(counts.pulled)),
                          Cell(with_thousands(counts.pushed)),
                          Cell(with_thousands(counts.conflicts),
                               counts.conflicts > 0 ? Style::kWarning : Style::kPlain)});
  }
  if (table.rows.empty()) return;
  printer.line();
  printer.table(table);
}

constexpr std::size_t kToldInWords = 5;

// "and 12 more: tidesync conflicts"
void print_sentences(Session& session, const SyncResult& result,
                     const std::vector<ConflictRow>& conflicts, std::uint64_t count) {
  constexpr std::size_t kShortId = 8;
  const Reader reader{result.node, session.env.clock.now_ms()};
  Printer& printer = session.printer;
  const std::string db = db_argument(session.db);
  for (std::size_t i = 0; i < conflicts.size() && i < kToldInWords; ++i) {
    // A dry run keeps nothing that could be shown.
    const std::string see = result.dry_run ? ""
                                           : " See: tidesync conflicts show " +
                                                 conflicts[i].id.substr(0, kShortId) + db;
    printer.paragraph(conflict_sentence(conflicts[i], reader) + see, "  - ");
  }
  if (count <= kToldInWords) return;
  const std::string more = "and " + with_thousands(count - kToldInWords) + " more";
  printer.paragraph(result.dry_run ? more : more + ": tidesync conflicts" + db, "  - ");
}

void print_conflicts(Session& session, const SyncResult& result) {
  Printer& printer = session.printer;
  if (result.conflicts > 0) {
    printer.line();
    printer.line(count_of(result.conflicts, "conflict", "conflicts") +
                     (result.dry_run ? " would be decided:" : ", decided and kept:"),
                 Style::kWarning);
    print_sentences(session, result, result.decided, result.conflicts);
  }
  if (result.heard_of_count > 0) {
    printer.line();
    printer.line(count_of(result.heard_of_count, "conflict", "conflicts") +
                     " about your edits, decided on another computer:",
                 Style::kWarning);
    print_sentences(session, result, result.heard_of, result.heard_of_count);
  }
}

void print_notes(Printer& printer, const SyncResult& result) {
  if (result.notes.empty()) return;
  printer.line();
  printer.line(result.status == RunStatus::kPartial ? "Held back:" : "Notes:", Style::kWarning);
  constexpr std::string_view kSaidAbove = "Held back: ";
  for (const std::string& note : result.notes) {
    const bool repeats = note.rfind(kSaidAbove, 0) == 0;
    printer.paragraph(note.substr(repeats ? kSaidAbove.size() : 0), "  - ");
  }
}

void print_master(Printer& printer, const SyncResult& result) {
  if (result.master_seq.value == 0) return;
  printer.line();
  if (result.master_seq >= result.seq_after) {
    printer.line("master.db on the share is up to date (batch " +
                 std::to_string(result.master_seq.value) + ").");
  } else {
    printer.paragraph("master.db on the share holds everything up to batch " +
                      std::to_string(result.master_seq.value) + " of " +
                      std::to_string(result.seq_after.value) +
                      "; a later sync brings it up to date.");
  }
}

}  // namespace

void print_sync(Session& session, const SyncResult& result) {
  Printer& printer = session.printer;
  const bool finished =
      result.status == RunStatus::kSuccess || result.status == RunStatus::kPartial;
  // A run that was stopped has no headline when it did nothing: the error says it all.
  const bool moved = result.pulled + result.pushed + result.conflicts > 0;
  if (finished && (moved || !result.error)) {
    printer.paragraph(headline(result), "", Style::kBold);
    print_changes(printer, result);
  }
  print_conflicts(session, result);
  print_notes(printer, result);
  if (finished && !result.error) print_master(printer, result);
  if (result.error) {
    printer.error(*result.error);
  } else if (!finished) {
    printer.error(
        Error(ErrorCode::kInternal, "sync", "", "ended without a reason", "run it again"));
  }
}

std::string why(const TableReport& table) {
  static constexpr std::string_view kLeftOut = "left out: ";
  return table.reason.substr(table.reason.rfind(kLeftOut, 0) == 0 ? kLeftOut.size() : 0);
}

void print_tables(Printer& printer, const std::vector<TableReport>& tables) {
  Table table{
      {{"table", Fit::kText}, {"synced", Fit::kText}, {"rows", Fit::kNumber}, {"why", Fit::kText}},
      {},
      {}};
  for (const TableReport& report : tables) {
    table.rows.push_back({Cell(report.name),
                          report.synced ? Cell("yes", Style::kGood) : Cell("no", Style::kWarning),
                          Cell(with_thousands(report.rows)), Cell(why(report))});
  }
  if (!table.rows.empty()) printer.table(table);
}

ExitCode finish_setup(Session& session, const SetupResult& result) {
  if (session.json) {
    session.printer.json(to_json(result));
    return exit_code(result.sync);
  }
  for (const std::string& warning : result.warnings)
    session.printer.paragraph(warning, "Warning: ", Style::kWarning);
  if (!result.backup.empty()) {
    session.printer.paragraph("A copy of the database as it was: " + to_utf8(result.backup));
  }
  print_sync(session, result.sync);
  return exit_code(result.sync);
}

}  // namespace tidesync
