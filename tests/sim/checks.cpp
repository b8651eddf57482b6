#include "sim/checks.h"

#include <sstream>

#include "base/error.h"
#include "replica/base.h"
#include "share/batch_file.h"
#include "share/layout.h"
#include "sim/application.h"
#include "sim/node.h"
#include "sim/world.h"
#include "sqlite/transaction.h"
#include "support/one_file.h"

namespace tidesync::sim {
namespace {

const Path kShareRoot = "/share";

void dump_table(Database& db, const AppTable& table, std::string& text) {
  text += "[" + table.name + "]\n";
  std::string quoted;
  for (std::size_t at = 0; at < table.columns.size();) {
    const std::size_t end = std::min(table.columns.find(", ", at), table.columns.size());
    quoted +=
        (quoted.empty() ? "quote(" : "||','||quote(") + table.columns.substr(at, end - at) + ")";
    at = end + 2;
  }
  Statement rows =
      db.prepare("SELECT " + quoted + " FROM " + table.name + " ORDER BY " + table.key);
  while (rows.step()) text += rows.get_text(0) + "\n";
}

const AppTable kConflicts{
    "sync_conflicts",
    "id, table_name, row_key, kind, base_row, winner_row, loser_row, winner_node, loser_node, "
    "winner_user, loser_user, winner_updated_at, loser_updated_at, rule, created_at",
    "id", "", false};

// The first line in which two dumps differ.
std::string first_difference(const std::string& a, const std::string& b) {
  std::size_t line = 0;
  std::string section;
  for (std::size_t i = 0;; ++i) {
    if (i < a.size() && i < b.size() && a[i] == b[i]) {
      if (a[i] == '\n') line = i + 1;
      if (a[i] == '[' && line == i) section = a.substr(i, a.find('\n', i) - i);
      continue;
    }
    return section + " " + a.substr(line, a.find('\n', line) - line) + "  |  " +
           b.substr(line, b.find('\n', line) - line);
  }
}

void require_equal(const std::string& what, const std::string& a, const std::string& b) {
  if (a != b) throw Violation(what + ": " + first_difference(a, b));
}

void check_sound(const std::string& what, Database& db) {
  const std::string integrity = db.get_text("PRAGMA integrity_check");
  if (integrity != "ok") throw Violation(what + ": " + integrity);
  Statement broken = db.prepare("PRAGMA foreign_key_check");
  if (broken.step()) {
    throw Violation(what + ": broken reference in " + broken.get_text(0) + " row " +
                    std::to_string(broken.get_int(1)) + " to " + broken.get_text(2));
  }
}

// Folds the log into `base`, checking the chain and every prefix.
void fold_log(World& world, Base& base) {
  test::OneFile file;
  for (const std::string& bytes : world.log().history()) {
    file.content = bytes;
    BatchReader reader(file, "entry");
    const BatchHeader& header = reader.header();
    const Seq seq = base.cursor().seq.next();
    const std::string name = "entry " + std::to_string(seq.value);
    if (header.seq != seq || !(header.prev == base.cursor().hash)) {
      throw Violation(name + " does not continue the log");
    }
    Transaction transaction(base.db(), Transaction::Kind::kImmediate);
    base.fold(
        header,
        {{seq, reader.hash()}, header.prev, header.uuid, header.node.value, reader.file_size()},
        reader, FoldDirection::kForward);
    transaction.commit();
    Statement broken = base.db().prepare("PRAGMA foreign_key_check");
    if (broken.step())
      throw Violation(name + " (" + header.node.value + ") leaves a broken reference in " +
                      broken.get_text(0) + " row " + std::to_string(broken.get_int(1)) + " to " +
                      broken.get_text(2));
  }
}

void check_no_holes(World& world, std::uint64_t length) {
  for (const std::uint64_t seq : world.log().entries()) {
    if (seq > length) throw Violation("the log has a hole before entry " + std::to_string(seq));
  }
}

void check_master(World& world, const std::string& expected) {
  const auto bytes = read_file(world.share(), kShareRoot / layout::kMasterFile, 1u << 30);
  if (!bytes) return;
  DiskFileSystem disk;
  const Path copy = world.folder() / "master.db";
  disk.remove(copy);
  write_new_file(disk, copy, *bytes, false);
  Database master = Database::open(copy, OpenMode::kReadOnly);
  check_sound("master.db", master);
  const auto seq = master.get_text("SELECT v FROM tidesync_state WHERE k = 'seq'");
  if (seq == std::to_string(world.log().length()))
    require_equal("master.db", dump(master), expected);
}

// No row mixes two records, and every child is with a parent that an application gave it.
void check_records(World& world, Database& final_state) {
  const Ledger& ledger = world.ledger();
  const TokenRows rows = rows_of(final_state);
  for (const auto& [place, row] : rows) {
    const auto record = ledger.record_of(row);
    if (!record) continue;
    // t and l: the same key means the same record.
    const bool has_number = place[0] != 't' && place[0] != 'l';
    for (const std::string& token : row.tokens) {
      if (has_number && !ledger.is_of_record(token, *record))
        throw Violation("two records in one row, " + place + ": " + token + " and others");
    }
    const auto parent = rows.find(row.parent);
    if (parent == rows.end() || place[0] == 't') continue;
    const auto parent_record = ledger.record_of(parent->second);
    // Followed its record to a new number because it was saved just after the change; that is a
    // guess, so both places must stand in a conflict.
    const bool followed = final_state.get_int(
                              "SELECT count(*) FROM sync_conflicts WHERE kind = 'late_child' AND"
                              " instr(loser_row, '" +
                              *row.tokens.begin() + "') > 0") > 0;
    if (parent_record && !followed && !ledger.was_referred(*record, *parent_record))
      throw Violation(place + " (" + *row.tokens.begin() + ") was never given to " + row.parent +
                      " (" + *parent->second.tokens.begin() + ")");
  }
}

// Without a restored or copied disk nobody has a reason to doubt who he is.
void check_incarnations(World& world) {
  for (const auto& node : world.nodes()) {
    const std::string reason =
        node->app().get_text("SELECT v FROM tidesync_meta WHERE k = 'incarnation_reason'");
    if (!reason.empty()) throw Violation(node->name() + " took a new incarnation: " + reason);
  }
}

void check_tokens(World& world, Database& final_state) {
  std::set<std::string> kept = tokens_of(final_state);
  std::set<std::string> logged;
  for (const std::string& token : kept) {
    if (!world.ledger().was_written(token))
      throw Violation(token + " was never committed by an application");
  }
  Statement rows = final_state.prepare(
      "SELECT coalesce(base_row,'') || coalesce(winner_row,'') || coalesce(loser_row,'')"
      " FROM sync_conflicts");
  while (rows.step()) collect_tokens(rows.get_text(0), logged);
  kept.insert(logged.begin(), logged.end());
  std::string lost;
  for (const std::string& token : world.ledger().expected()) {
    if (kept.count(token) == 0) lost += " " + token;
  }
  if (!lost.empty()) throw Violation("silently lost:" + lost);
  if (world.copies_may_differ()) return;
  // A record that two nodes brought back after a third had deleted it, and given its number to
  // another, may stand twice; the decision to bring it back is on record.
  for (const std::string& token : doubled_tokens_of(final_state)) {
    ++world.stats().doubled;
    if (logged.count(token) > 0) continue;
    throw Violation(token + " stands in two places" + lines_with(dump(final_state), token));
  }
}

}  // namespace

std::string lines_with(const std::string& text, const std::string& token) {
  std::string found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::set<std::string> tokens;
    collect_tokens(line, tokens);
    if (tokens.count(token) > 0) found += "\n    " + line;
  }
  return found;
}

std::string dump(Database& db) {
  std::string text;
  for (const AppTable& table : application_tables(version_of(db))) dump_table(db, table, text);
  dump_table(db, kConflicts, text);
  return text;
}

void check_everything(World& world) {
  Base fold(":memory:");
  try {
    fold_log(world, fold);
  } catch (const Error& error) {
    throw Violation(std::string("the log does not fold: ") + error.what());
  }
  check_no_holes(world, fold.cursor().seq.value);
  const std::string expected = dump(fold.db());
  for (const auto& node : world.nodes()) {
    Database base = Database::open(node->base_file(), OpenMode::kReadOnly);
    require_equal("base copy of " + node->name() + " | fold of the log", dump(base), expected);
    // Damage where nobody looked is found when somebody does.
    if (!world.options().faults.base) check_sound("base copy of " + node->name(), base);
    require_equal("database of " + node->name() + " | fold of the log", dump(node->app()),
                  expected);
    check_sound("database of " + node->name(), node->app());
  }
  check_master(world, expected);
  check_tokens(world, fold.db());
  if (world.copies_may_differ()) return;
  if (!world.records_may_mix()) check_records(world, fold.db());
  check_incarnations(world);
}

}  // namespace tidesync::sim
