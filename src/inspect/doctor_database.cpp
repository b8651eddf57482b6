// The application's database: readable, whole, in a fit place, with all of our tables and triggers.
#include "base/error.h"
#include "base/text.h"
#include "inspect/doctor_parts.h"
#include "inspect/status.h"
#include "replica/conflict_row.h"
#include "replica/policies.h"
#include "replica/undeclared.h"
#include "sync/run_streak.h"

namespace tidesync {
namespace {

constexpr int kPatienceMs = 5000;
constexpr std::size_t kHeaderBytes = 100;

// By plain reading, so before any connection is open on the file.
DatabaseHeader read_header(Examination& it) {
  std::string bytes(kHeaderBytes, '\0');
  const auto handle = it.env.local.open_read(it.paths.database);
  bytes.resize(handle ? handle->read(bytes.data(), bytes.size()) : 0);
  return parse_database_header(bytes);
}

std::string version_text(std::uint32_t version) {
  return std::to_string(version / 1000000) + "." + std::to_string(version / 1000 % 1000) + "." +
         std::to_string(version % 1000);
}

void check_versions(Examination& it, const DatabaseHeader& header) {
  const std::string here = sqlite_version();
  if (!header.write_ahead_log) {
    it.ok("sqlite", "rollback journal; tidesync uses SQLite " + here);
    return;
  }
  const std::string other = version_text(header.written_by);
  const bool by_another = header.written_by != 0 && other != here;
  if (by_another && has_wal_reset_bug(header.written_by)) {
    it.warning("sqlite",
               "the application writes with SQLite " + other +
                   " in WAL mode; versions up to 3.51.2 have a rare bug that can damage a database "
                   "when two programs use it at the same moment",
               "Update the application to one with SQLite 3.51.3 or newer when there is one, and "
               "keep backups.");
    return;
  }
  it.ok("sqlite", "write-ahead log; tidesync uses SQLite " + here + " and leaves checkpoints to " +
                      "the application");
}

void check_pages(Examination& it) {
  it.attempt("database", [&] {
    Database& db = it.local->db();
    std::string found;
    try {
      found = db.get_text("PRAGMA quick_check(3)");
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kSql) throw;
      it.ok("database",
            "readable; SQLite cannot check it whole from here, because it uses functions or "
            "collations that only the application has");
      return;
    }
    if (found != "ok") {
      it.problem("database", "the file is damaged: " + printable(found),
                 "Stop the application, keep a copy of the file, and restore it from a backup; "
                 "then run tidesync now. What was synced before comes back from the share.");
      return;
    }
    const auto bytes = db.get_int("PRAGMA page_count") * db.get_int("PRAGMA page_size");
    it.ok("database", "readable and whole, " + display_size(static_cast<std::uint64_t>(bytes)));
  });
}

void check_attached(Examination& it) {
  constexpr const char* kTables[] = {"tidesync_meta", "tidesync_dirty", "tidesync_intent",
                                     "sync_log", "sync_conflicts"};
  std::vector<std::string> missing;
  for (const char* table : kTables) {
    if (!it.local->db().has_table(table)) missing.push_back(table);
  }
  it.is_attached = missing.empty();
  if (it.is_attached) {
    it.share_id = it.local->get_meta("share_id");
    it.ok("attached", "all tables of tidesync are there");
  } else if (missing.size() < std::size(kTables)) {
    it.problem("attached", "tables of tidesync are missing: " + join(missing, ", "),
               "Restore the database from a backup that has them, or run tidesync leave --force "
               "and tidesync join.");
  } else if (it.env.local.stat(it.paths.folder)) {
    it.problem("attached",
               "the tables of tidesync are missing, but the folder beside the database is there: "
               "the file was replaced or restored from elsewhere",
               "Run tidesync join --share FOLDER: nothing is read as deleted.");
  } else {
    it.problem("attached", "this database is not synced",
               "Run tidesync init, or tidesync join, with --share FOLDER.");
  }
}

void check_triggers(Examination& it) {
  if (it.local->triggers_are_intact()) {
    it.ok("triggers", "complete");
    return;
  }
  it.warning("triggers", "missing or altered: changes may go unnoticed until the next sync",
             "Run tidesync now: it puts them back and compares every row.");
}

void check_gates(Examination& it) {
  for (const TableGate& gate : it.local->gates()) {
    it.warning("tables", "table " + gate.table + " stands still: " + gate.reason,
               "See \"Table T is not synced\" in docs/operations.md.");
  }
  if (it.local->gates().empty()) {
    std::size_t synced = 0;
    for (const TableShape& shape : it.local->shapes()) synced += shape.system ? 0 : 1;
    it.ok("tables", std::to_string(synced) + (synced == 1 ? " table is" : " tables are") +
                        " synced, none stands still");
  }
}

void check_references(Examination& it) {
  const auto found = find_undeclared_references(it.local->db(), it.local->shapes());
  if (found.empty()) return;
  it.warning(
      "references",
      "some columns look like references that the tables do not declare: when a record "
      "gets a new number, they are not changed with it",
      "If they are references, put this line at the top of config.toml: " + references_line(found));
}

void check_conflicts(Examination& it) {
  ConflictFilter open;
  const std::uint64_t count = count_conflicts(it.local->db(), open);
  if (count == 0) {
    it.ok("conflicts", "none open");
  } else {
    it.warning("conflicts",
               std::to_string(count) + (count == 1 ? " conflict waits" : " conflicts wait") +
                   " for a look",
               "Run tidesync conflicts.");
  }
}

// In the words of nodes and status where it is more than one run that failed.
std::string trouble_of_runs(Examination& it) {
  const std::string node = it.local->get_meta("node");
  const RunTail tail = read_run_tail(it.local->db(), node);
  const HealthThresholds thresholds = it.config ? it.config->health : HealthThresholds();
  const NodeHealth health = health_of({false, tail.last_success_ms, tail.failed_runs, {}, {}},
                                      thresholds, it.env.clock.now_ms());
  if (health.state == NodeState::kOk) return {};
  return std::string(to_string(health.state)) + ": " + health.reason + "; ";
}

void check_last_run(Examination& it) {
  HistoryFilter last;
  last.limit = 1;
  const auto runs = read_history(it.env, it.paths.database, last);
  if (runs.empty()) {
    it.warning("last_run", "no sync was recorded yet", "Run tidesync now.");
    return;
  }
  const RunRecord& run = runs.front();
  const std::string trouble = trouble_of_runs(it);
  if (run.status == "success" && trouble.empty()) {
    it.ok("last_run", "the last sync succeeded, " + run.timestamp);
    return;
  }
  const std::string ended = run.status == "success" ? "succeeded" : "ended as " + run.status;
  const std::string why = run.message.empty() ? "" : ": " + printable(run.message);
  it.warning("last_run", trouble + "the last sync " + ended + ", " + run.timestamp + why,
             "Run tidesync now and see what it says.");
}

}  // namespace

void examine_database(Examination& it) {
  it.attempt("database", [&] {
    const DatabaseHeader header = read_header(it);
    it.local = std::make_unique<Local>(it.paths.database, kPatienceMs);
    check_versions(it, header);
  });
  if (!it.local) return;
  check_pages(it);
  ShareFinding place = check_database_mount(it.mount_of(it.paths.database));
  // It works until it does not: the node exists already, and stays one.
  if (place.verdict == ShareVerdict::kRefuse) place.verdict = ShareVerdict::kWarning;
  it.add("database_place", place);
  it.attempt("attached", [&] { check_attached(it); });
}

void examine_tables(Examination& it) {
  if (!it.local || !it.is_attached) return;
  it.attempt("conflicts", [&] { check_conflicts(it); });
  it.attempt("last_run", [&] { check_last_run(it); });
  if (!it.base) return;
  it.attempt("tables", [&] {
    it.local->set_absent_values(it.base->row_lookup(), it.base->exact_lookup());
    it.local->use_shapes(it.base->shapes());
    check_triggers(it);
    check_gates(it);
    check_references(it);
  });
}

}  // namespace tidesync
