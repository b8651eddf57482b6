#include "inspect/status.h"

#include <algorithm>

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "inspect/history.h"
#include "inspect/replica_view.h"
#include "replica/catalog.h"
#include "replica/conflict_row.h"
#include "replica/policies.h"
#include "share/archive.h"
#include "share/dataset.h"
#include "share/notes.h"
#include "sync/node_config.h"
#include "sync/run_streak.h"

namespace tidesync {
namespace {

// Only where others' batches wait: they may be about to come in, or one of them is missing.
std::optional<Hole> look_for_hole(Dataset& dataset, Archive& archive, Seq here) {
  auto hole = find_hole(dataset.list_entries(here, 0), here);
  if (!hole) return std::nullopt;
  const auto floor = archive.read_floor();
  if (floor && hole->missing < floor->seq) return std::nullopt;  // a snapshot has it
  ask_for_holders(dataset, *hole);
  return hole;
}

void ask_share(Environment& env, StatusReport& report) {
  try {
    Dataset dataset(env.share, report.config.share, env.clock, env.random, report.config.node);
    dataset.open(report.share_id);
    Archive archive(env.share, dataset, env.random);
    report.seq_on_share = archive.newest_entry(report.seq_here);
    if (report.seq_on_share > report.seq_here)
      report.hole = look_for_hole(dataset, archive, report.seq_here);
    report.share_reachable = true;
    const auto master = read_master_note(dataset);
    if (master && master->note) report.seq_in_master = master->note->seq;
  } catch (const Error& error) {
    report.share_problem = error.detail();
    if (!error.hint().empty()) report.share_problem += ". " + error.hint();
  }
}

void read_policies(Base& base, StatusReport& report) {
  const PolicySet policies = parse_policies(base.get_state("policies"));
  for (const auto& [table, policy] : policies.tables) report.policies[table] = policy_lines(policy);
  for (const ConfiguredReference& reference : policies.references)
    report.references.push_back(reference_text(reference));
}

void read_tables(ReplicaView& view, StatusReport& report) {
  for (const TableChoice& choice : read_catalog(view.local().db())) {
    TableReport table;
    table.name = choice.name;
    table.synced = view.base().find_shape(choice.name) != nullptr;
    table.reason = table.synced || choice.can_sync ? choice.reason : "left out: " + choice.reason;
    if (!table.synced && choice.can_sync) table.reason = "left out: not part of the share";
    report.tables.push_back(std::move(table));
  }
  for (const TableGate& gate : view.local().gates()) {
    const auto found = std::find_if(report.tables.begin(), report.tables.end(),
                                    [&](const TableReport& t) { return t.name == gate.table; });
    if (found == report.tables.end()) {
      report.tables.push_back({gate.table, false, "stands still: " + gate.reason, 0});
    } else {
      found->synced = false;
      found->reason = "stands still: " + gate.reason;
    }
  }
  for (const std::string& name : view.local().given_up_here(view.base().schema().left_out)) {
    if (name.find('.') != std::string::npos)
      report.tables.push_back({name, false, "given up for all computers: stays here", 0});
  }
  for (const std::string& name : view.local().not_here_yet())
    report.tables.push_back({name, false, "not here yet: other computers have it", 0});
}

void read_streak_of(Local& local, StatusReport& report) {
  const auto streak = read_streak(local);
  if (!streak) return;
  report.failing_since = iso_utc(streak->since_ms);
  report.failing_runs = streak->runs;
  report.offline = streak->cause == kOfflineCause;
}

// A note whose time has passed is of a scheduler that was killed.
void read_scheduler(Environment& env, const LocalPaths& paths, StatusReport& report) {
  constexpr std::int64_t kGraceMs = 10 * 60 * 1000;
  report.scheduler = read_scheduler_note(env.local, paths);
  if (report.scheduler && report.scheduler->next_ms + kGraceMs < env.clock.now_ms() &&
      report.scheduler->silent_since_ms == 0)
    report.scheduler.reset();
}

void read_last_run(Environment& env, const Path& database, StatusReport& report) {
  HistoryFilter last;
  last.limit = 1;
  const auto runs = read_history(env, database, last);
  if (!runs.empty()) report.last_run = runs.front();
}

// Without the batches that wait: the state names them in its own words.
void judge(Environment& env, Database& db, StatusReport& report) {
  const RunTail tail = read_run_tail(db, report.config.node.value);
  report.health = health_of(
      {false, tail.last_success_ms, tail.failed_runs, std::nullopt, report.clock_offset_ms},
      report.config.health, env.clock.now_ms());
}

void read_conflicts(Database& db, StatusReport& report) {
  report.open_conflicts = static_cast<std::uint64_t>(
      db.get_int("SELECT count(*) FROM sync_conflicts WHERE resolved_at IS NULL"));
  report.oldest_conflict = oldest_open_conflict(db);
}

}  // namespace

StatusReport read_short_status(Environment& env, const Path& database) {
  StatusReport report;
  const LocalPaths paths(database);
  report.config = read_node_config(env, paths);
  {
    Local local(database, static_cast<int>(report.config.patience_ms));
    if (!local.is_attached()) {
      throw Error(ErrorCode::kNotFound, "read", to_utf8(database), "this database is not synced",
                  "Run tidesync init or tidesync join first.");
    }
    report.seq_here = local.cursor().seq;
    if (const std::uint64_t rows = local.count_waiting_rows(); rows > 0) report.pending[""] = rows;
    read_conflicts(local.db(), report);
    read_streak_of(local, report);
    judge(env, local.db(), report);
  }
  read_last_run(env, database, report);
  read_scheduler(env, paths, report);
  return report;
}

StatusReport read_status(Environment& env, const Path& database) {
  StatusReport report;
  {
    ReplicaView view(env, database);
    report.config = view.config();
    report.share_id = view.local().get_meta("share_id");
    report.seq_here = view.local().cursor().seq;
    for (const TableShape& shape : view.local().shapes()) {
      if (shape.system) continue;
      std::uint64_t rows = 0;
      view.scanner().for_each_difference(shape, [&](const Difference&) { ++rows; });
      if (rows > 0) report.pending[shape.name] = rows;
    }
    read_policies(view.base(), report);
    Database& db = view.local().db();
    read_conflicts(db, report);
    read_streak_of(view.local(), report);
    const std::string offset = view.base().get_state("clock_offset_ms");
    report.clock_offset_ms = parse_int64(offset);
    judge(env, db, report);
    read_tables(view, report);
  }
  read_last_run(env, database, report);
  read_scheduler(env, LocalPaths(database), report);
  ask_share(env, report);
  return report;
}

}  // namespace tidesync
