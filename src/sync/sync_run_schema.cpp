// The forms of the tables: here, in the base copy, on the share. They change when the application
// is updated, on one computer first.
//
//   older here    what is missing here stays as the share has it; nothing breaks
//   newer here    new tables and columns go out with the next batch, as a change of the schema
//   gone here     exactly that table stands still, until it is back or --accept-dropped
//
// Crash points: what rebuild_shapes() does is one transaction on the application's database. A
// schema change that is published but not acknowledged comes back as our own batch (take_own).
#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "replica/gate_rows.h"
#include "replica/newcomers.h"
#include "replica/policies.h"
#include "replica/schema_proposal.h"
#include "sync/add_columns.h"
#include "sync/sync_run.h"

namespace tidesync {

// After the base copy has reached the cursor of the application's database.
void SyncRun::rebuild_shapes() {
  if (base_->shapes().empty()) return;
  local_->try_again(tables_to_try_again());
  add_lost_columns();
  // Each time round one more table stands still, so this ends.
  while (!try_rebuild_shapes()) report_gates();
}

// Columns that init --add-columns had added, and an update of the application took out.
void SyncRun::add_lost_columns() {
  const ShareSchema schema = base_->schema();
  const bool any =
      std::any_of(schema.pragmas.begin(), schema.pragmas.end(),
                  [](const auto& pragma) { return pragma.first.starts_with("stamped:"); });
  if (!any) return;
  const auto tables = lost_columns(local_->db(), schema);
  if (tables.empty()) return;
  begin_local(Transaction::Kind::kImmediate);
  add_noted_columns(local_->db(), schema);
  commit_local();
  compare_all_ = true;
  result_.notes.push_back(
      "An update of the application took out the columns updated_at and updated_by "
      "that tidesync had added to " +
      join(tables, ", ") + ": they were added again, with what the share has in them");
}

// A table that refused rows of the share may take those that it has by now.
std::set<std::uint32_t> SyncRun::tables_to_try_again() {
  std::set<std::uint32_t> tables;
  for (const auto& [table, place] : local_->gate_places()) {
    const std::string last = base_->held().last_change(table);
    if (!last.empty() && local_->get_meta("tried:" + std::to_string(table)) != last)
      tables.insert(table);
  }
  return tables;
}

// False: a table cannot take what the share has, and stands still from now on.
bool SyncRun::try_rebuild_shapes() {
  local_->use_shapes(base_->shapes());
  report_gates();
  make_search_indexes();  // left by a run that was stopped
  const bool has_newcomers = !local_->newcomers().empty();
  const bool intact = local_->triggers_are_intact();
  if (has_newcomers || !intact) compare_all_ = true;
  if (intact && !has_newcomers && !local_->forms_have_changed() && gates_are_held(*base_, *local_))
    return true;
  begin_local(Transaction::Kind::kImmediate);
  if (has_newcomers && !fill_in()) return false;
  follow_forms();
  // Before the gates are noted: a crash in between must not leave a gate without its rows.
  begin_base();
  follow_gates(*base_, *local_);
  commit_local();
  commit_base();
  return true;
}

bool SyncRun::fill_in() {
  // From the first: those of a table behind a gate were passed over.
  scratch_->clear_hints();
  hints_loaded_ = local_->load_hints(0, *scratch_);
  scratch_->clear_touched();
  Backfill backfill(*local_, *base_, *scratch_, merge_context());
  ApplyResult applied;
  try {
    applied = backfill.run();
  } catch (const Error& error) {
    const TableShape* refusing = backfill.refusing_table();
    if (!refusing) throw;
    log::warning(error.what());
    stand_still(TableShape(*refusing), error.detail());
    return false;
  }
  count_applied(applied);
  note_conflicts(applied);
  note_written(applied);
  for (const auto& [table, rows] : backfill.came_back()) {
    result_.notes.push_back("The application made table " + local_->table(table).shape().name +
                            " anew: " + with_thousands(rows) +
                            " rows that were missing then came back from the share. If they were "
                            "meant to go, delete them again");
  }
  for (const std::string& column : backfill.made_empty()) {
    result_.notes.push_back("The update of the application left " + column +
                            " empty in every row here: what the share has in it was put back");
  }
  scratch_->clear_touched();
  return true;
}

// In a transaction on the application's database, when its shapes are those of the base copy.
void SyncRun::follow_forms() {
  // Altered or missing triggers: the application rebuilt its tables, or there are new ones. Changes
  // went unseen.
  if (local_->install_triggers() || compare_all_) {
    local_->set_meta("compare_all", "1");
    compare_all_ = true;
  }
  local_->note_forms();
}

void SyncRun::report_gates() {
  for (const TableGate& gate : local_->gates()) {
    const bool is_gone = gate.vanished || !gate.columns.empty();
    if (is_gone && options_.accept_dropped) continue;
    result_.status = RunStatus::kPartial;
    const std::string note =
        "Table " + gate.table + " is not synced: " + gate.reason +
        ". Its rows are kept as they are" +
        (is_gone ? ". If that is meant for all computers, run: tidesync now --accept-dropped"
                 : ". Update the application on this computer");
    if (std::find(result_.notes.begin(), result_.notes.end(), note) == result_.notes.end())
      result_.notes.push_back(note);
  }
}

// What somebody else gave up for everybody, and this database still has.
void SyncRun::report_given_up(const std::set<std::string>& before, const std::string& user) {
  std::set<std::string> fresh;
  for (const std::string& name : base_->schema().left_out) {
    if (before.count(name) == 0) fresh.insert(name);
  }
  for (const std::string& name : local_->given_up_here(fresh)) {
    result_.notes.push_back(name + " is not synced any more, because " + user +
                            " said so for all computers. What it holds here stays here");
  }
}

// A table here cannot take rows that others accept: from now on it stands still.
void SyncRun::stand_still(const TableShape& table, const std::string& reason) {
  local_transaction_.reset();
  rollback_base();
  hints_loaded_ = 0;
  scratch_->clear_hints();
  begin_local(Transaction::Kind::kImmediate);
  local_->refuse_table(table, reason);
  local_->set_meta("tried:" + std::to_string(table.id), base_->held().last_change(table.id));
  local_->try_again({});
  commit_local();
  local_->use_shapes(base_->shapes(), Local::Gates::kKeep);
  begin_base();
  follow_gates(*base_, *local_);
  commit_base();
}

// Reading what this database has that the share has not costs more than a run with nothing to do:
// only when either side's schema moved since it was last looked at.
bool SyncRun::schemas_were_compared() {
  const std::string now = std::to_string(local_->db().schema_version()) + ":" +
                          digest_of(to_json(base_->schema())).hex();
  const bool same = base_->get_state("schemas_compared") == now;
  schemas_compared_ = now;
  return same;
}

// What this database or its config.toml has that the share has not yet.
std::optional<SchemaProposal> SyncRun::find_proposal() {
  const ShareSchema shared = base_->schema();
  std::optional<SchemaProposal> proposal;
  if (options_.accept_dropped) proposal = propose_dropping(*local_, shared);
  const bool compared = schemas_were_compared();
  if (!proposal && !compared) {
    proposal = propose_schema(*local_, shared);
    own_schema_was_read_ = true;
  }
  if (const auto text = policies_to_publish(*local_, config_.policies, shared.policies)) {
    if (!proposal) proposal = SchemaProposal{{shared, shared}, {}};
    proposal->change.to.policies = *text;
    proposal->words.push_back("the rules for tables in config.toml of " + config_.node.value);
  }
  return proposal;
}

// In a transaction on the application's database, when the share has what this one has.
void SyncRun::note_own_forms() {
  if (own_schema_was_read_) note_own_schema(*local_);
  if (!proposal_failed_) note_policies_proposed(*local_, config_.policies);
}

// In the transactions of the scan. Applies what is new here to the base copy, uncommitted.
void SyncRun::propose() {
  proposal_.reset();
  proposed_words_.clear();
  own_schema_was_read_ = proposal_failed_ = false;
  if (base_->cursor().seq.value == 0) {
    own_schema_was_read_ = true;  // the first batch brings it
    return;
  }
  const auto proposal = find_proposal();
  if (!proposal) return;
  try {
    const std::string json = to_json(proposal->change);
    base_->apply_schema(json);
    proposal_ = json;
  } catch (const Error& error) {
    log::warning(error.what());
    result_.status = RunStatus::kPartial;
    result_.notes.push_back("Not shared: " + join(proposal->words, "; ") +
                            ". Rows on the share do "
                            "not fit it: " +
                            error.detail());
    rollback_base();
    begin_base();
    schemas_compared_.clear();
    own_schema_was_read_ = false;
    proposal_failed_ = true;
    return;
  }
  for (const std::string& words : proposal->words) log::info("schema: " + words);
  proposed_words_ = proposal->words;
  local_->use_shapes(base_->shapes(), Local::Gates::kKeep);
}

}  // namespace tidesync
