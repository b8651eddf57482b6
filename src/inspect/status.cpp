#include "inspect/status.h"

#include <algorithm>

#include "base/error.h"
#include "inspect/replica_view.h"
#include "replica/catalog.h"
#include "replica/conflict_row.h"
#include "replica/policies.h"
#include "share/archive.h"
#include "share/dataset.h"
#include "share/notes.h"

namespace tidesync {
namespace {

void ask_share(Environment& env, StatusReport& report) {
  try {
    Dataset dataset(env.share, report.config.share, env.clock, env.random, report.config.node);
    dataset.open(report.share_id);
    report.seq_on_share = Archive(env.share, dataset, env.random).newest_entry(report.seq_here);
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

}  // namespace

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
    report.open_conflicts = static_cast<std::uint64_t>(
        db.get_int("SELECT count(*) FROM sync_conflicts WHERE resolved_at IS NULL"));
    report.oldest_conflict = oldest_open_conflict(db);
    const std::string offset = view.base().get_state("clock_offset_ms");
    if (!offset.empty()) report.clock_offset_ms = std::stoll(offset);
    read_tables(view, report);
  }
  HistoryFilter last;
  last.limit = 1;
  const auto runs = read_history(env, database, last);
  if (!runs.empty()) report.last_run = runs.front();
  ask_share(env, report);
  return report;
}

}  // namespace tidesync
