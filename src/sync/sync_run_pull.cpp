// Pull: entries are fetched to the spool and checked whole before anything is applied; then folded
// into the base copy (uncommitted) and merged into the application's database in one transaction.
// Commit order: application's database, then base copy.
#include <set>
#include <utility>

#include "base/log.h"
#include "base/mutation.h"
#include "base/text.h"
#include "replica/gate_rows.h"
#include "replica/search_index.h"
#include "sync/snapshot_finder.h"
#include "sync/sync_run.h"

namespace tidesync {
namespace {

bool has_lost_open_conflict(Database& db, const std::string& id, const std::string& node) {
  Statement& find = db.cached(
      "SELECT 1 FROM sync_conflicts WHERE id = ?1 AND loser_node = ?2 AND resolved_at IS NULL");
  const bool found = find.bind_text(1, id).bind_text(2, node).step();
  find.reset();
  return found;
}

}  // namespace

std::vector<SyncRun::Pulled> SyncRun::fetch(const std::vector<EntryInfo>& entries) {
  std::vector<Pulled> pulled;
  Cursor after = base_->cursor();
  const std::uint64_t total = entries.empty() || entries.back().seq <= after.seq
                                  ? 0
                                  : entries.back().seq.value - after.seq.value;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const EntryInfo& entry = entries[i];
    if (entry.seq <= after.seq) continue;
    if (entry.seq != after.seq.next()) break;  // a hole: wait until somebody who has it heals it
    reached(Step::kPull, pulled.size() + 1, total);
    auto one = fetch_one(entries, i, after);
    if (!one) break;
    after = one->at;
    pulled.push_back(std::move(*one));
  }
  return pulled;
}

// Fetches an entry and checks its digest. One that stays damaged is moved aside: its author, and
// every node that has taken it in, finds it missing in its next run and puts it back whole.
bool SyncRun::fetch_whole(const EntryInfo& entry, const Path& to, const std::string& name) {
  constexpr int kReads = 3;
  constexpr std::int64_t kPauseMs = 200;
  for (int read = 1;; ++read) {
    env_.local.remove(to);
    if (!dataset_->fetch_entry(entry, env_.local, to)) return false;
    try {
      BatchReader check(env_.local, to);
      return true;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kDamaged) throw;
      if (read < kReads) {
        env_.clock.sleep_ms(kPauseMs);
        continue;
      }
      if (!options_.dry_run) dataset_->quarantine(entry.seq, "damaged");
      throw Error(
          ErrorCode::kDamaged, "read", name, error.detail(),
          "Nothing was changed here. The file was moved to the share's folder quarantine; a "
          "computer that has this batch puts it back with its next sync.");
    }
  }
}

std::string SyncRun::name_of_batch(Seq seq) const {
  return "batch " + std::to_string(seq.value) + " on " + to_utf8(config_.share);
}

std::optional<SyncRun::Pulled> SyncRun::fetch_one(const std::vector<EntryInfo>& entries,
                                                  std::size_t index, const Cursor& after) {
  const EntryInfo& entry = entries[index];
  const Path incoming = paths_.staging / "incoming";
  env_.local.remove(incoming);
  const std::string name = name_of_batch(entry.seq);
  if (!fetch_whole(entry, incoming, name)) return std::nullopt;
  BatchReader reader(env_.local, incoming);
  const BatchHeader& header = reader.header();
  if (header.share_id != dataset_->format().share_id || header.seq != entry.seq) {
    throw Error(ErrorCode::kDamaged, "read", name,
                "it belongs to another dataset or another place in the log",
                "Nothing was changed. Somebody copied files into the share's log folder: move that "
                "file away.");
  }
  if (!(header.prev == after.hash)) {
    // Of the first one the head of the log was not read yet: it may be ours that is no longer
    // there.
    if (after == base_->cursor() && !std::exchange(reads_head_, true)) return std::nullopt;
    // A publish that arrived late, or the log behind a hole, built on a lineage that is gone. The
    // slot must be freed, or nobody could publish any more; the work in it is still in its author's
    // database.
    log::warning(name + " does not continue the log: moved to quarantine");
    move_torn_off_aside(entries, index, reader.hash());
    return std::nullopt;
  }
  Pulled pulled{{entry.seq, reader.hash()},
                spool_path({entry.seq, reader.hash()}),
                header,
                reader.file_size()};
  env_.local.rename_replacing(incoming, pulled.file);
  result_.bytes_pulled += pulled.size;
  return pulled;
}

void SyncRun::fold(const Pulled& entry, Scratch* touched, std::uint32_t number) {
  BatchReader reader(env_.local, entry.file);
  const ChainLink link{entry.at, entry.header.prev, entry.header.uuid, entry.header.node.value,
                       entry.size};
  base_->fold(entry.header, link, reader, FoldDirection::kForward, touched, number);
  if (entry.snapshot) base_->take_chain(entry.snapshot->db(), entry.at);
}

// By intent and by nothing else: a node id may be used by a copy of this computer.
bool SyncRun::is_own(const BatchHeader& header) {
  if (mutated(Mutation::kOwnByNodeId))
    return header.node == config_.node && header.incarnation == incarnation_;
  if (mutated(Mutation::kIntentsOutside) && env_.local.stat(paths_.spool / header.uuid))
    return true;
  return local_->has_intent(header.uuid);
}

void SyncRun::take_in(const std::vector<Pulled>& pulled) {
  std::vector<Pulled> foreign;
  for (const Pulled& entry : pulled) {
    const bool own = is_own(entry.header);
    // Somebody publishes under our name: this database, or that one, is a copy.
    if (!own && !entry.snapshot && is_of_another(entry.header))
      take_new_name(pulled, "another computer publishes under this one's name");
    // Our own batch, whose acknowledgement was lost: this database has all of it and is newer. It
    // can only be the first, because we publish on top of what we have taken in; anywhere else it
    // is merged like a stranger's, which is always safe.
    if (own && mutated(Mutation::kOwnAnywhere) && !foreign.empty()) {
      merge(foreign);
      foreign.clear();
    }
    if (own && foreign.empty()) {
      take_own(entry);
      continue;
    }
    // Rows are remembered in one form of their tables: a batch that changes it begins a new merge.
    if (!entry.header.schema.empty() && !foreign.empty()) {
      merge(foreign);
      foreign.clear();
    }
    foreign.push_back(entry);
  }
  if (!foreign.empty()) merge(foreign);
}

void SyncRun::take_own(const Pulled& own) {
  begin_base();
  fold(own, nullptr, 0);
  const bool new_forms = !own.header.schema.empty();
  if (new_forms) {
    local_->use_shapes(base_->shapes(), Local::Gates::kKeep);
    compare_all_ = true;
  }
  begin_local(Transaction::Kind::kImmediate);
  local_->set_cursor(own.at);
  if (own.at.seq.value == 1) local_->set_meta("pending_schema", "");
  if (new_forms) follow_forms();
  if (new_forms) follow_gates(*base_, *local_);
  local_->forget_absent_on_share();
  commit_local();
  reached(Step::kAcknowledged);
  commit_base();
  reached(Step::kOwnBaseCommitted);
  taken_in_ = true;
}

MergeContext SyncRun::merge_context() {
  MergeContext context;
  context.me.node = config_.node.value;
  context.me.incarnation = incarnation_;
  context.me.user = config_.user;
  context.clock_offset_ms = clock_offset_ms_;
  context.utc_offset = [this](std::int64_t utc_ms) { return env_.clock.utc_offset_ms(utc_ms); };
  context.now_ms = context.unknown_time_ms = now_ms();
  context.may_change_numbers = may_change_numbers_;
  return context;
}

void SyncRun::merge(const std::vector<Pulled>& pulled) {
  if (!local_->get_meta("pending_schema").empty()) {
    throw Error(
        ErrorCode::kAlreadyExists, "init", to_utf8(config_.share),
        "computer " + pulled.front().header.node.value + " set up this share at the same time",
        "Nothing was changed. Run: tidesync leave, then tidesync join with the same folder.");
  }
  may_change_numbers_ = !options_.unattended || options_.dry_run || is_quiet();
  // Each time round one more table stands still, or the quiet moment has come, so this ends.
  while (!try_merge(pulled)) {
    if (put_off_) return;
    report_gates();
  }
}

// False: a table here cannot take rows that others accept. Nothing was changed but that the table
// stands still from now on.
bool SyncRun::try_merge(const std::vector<Pulled>& pulled) {
  reached(Step::kFold);
  set_caches(kLargeCacheKib);
  begin_base();
  // A merge with wrong rows for its third side decides wrongly.
  if (!base_is_sound_ && !options_.dry_run) require_sound_base();
  scratch_->clear_touched();
  MergeContext context = merge_context();
  bool new_forms = base_->shapes().empty();
  const Cursor before = base_->cursor();
  const auto left_out_before = base_->schema().left_out;
  for (const Pulled& entry : pulled) {
    Author author;
    author.node = entry.header.node.value;
    author.incarnation = entry.header.incarnation;
    author.user = entry.header.user;
    context.batch_authors.push_back(author);
    new_forms = new_forms || !entry.header.schema.empty();
    fold(entry, scratch_.get(), static_cast<std::uint32_t>(context.batch_authors.size() - 1));
  }
  if (new_forms) {
    local_->use_shapes(base_->shapes(), Local::Gates::kKeepAndHide);
    report_gates();
    report_given_up(left_out_before, pulled.back().header.user);
    compare_all_ = true;
  }
  hold_touched(*base_, *local_, before, *scratch_, context.batch_authors);
  if (new_forms) follow_gates(*base_, *local_);
  std::optional<LookAhead> ahead;
  // In a dry run the transaction of an earlier merge is open still: nobody can write meanwhile.
  if (!new_forms && !local_transaction_) ahead.emplace(*local_, *scratch_);
  reached(Step::kMergeBegin);
  if (mutated(Mutation::kCursorApart)) {
    begin_local(Transaction::Kind::kImmediate);
    local_->set_cursor(pulled.back().at);
    commit_local();
    reached(Step::kMergeBegin);
  }
  // Most of them before the application has to wait, the rest under the lock.
  hints_loaded_ = local_->load_hints(hints_loaded_, *scratch_);
  begin_local(Transaction::Kind::kImmediate);
  if (new_forms) follow_forms();
  hints_loaded_ = local_->load_hints(hints_loaded_, *scratch_);
  if (compare_all_) {
    // Hints cannot be trusted: a row changed unseen would be overwritten as if nobody had touched
    // it. The merge itself compares every touched row with its base; what it lacks is only the
    // time.
    log::info("merging without complete hints");
  }
  // After a fork or a restore the rows here may hold what the batches bring.
  context.adds_up = !compare_all_;
  if (ahead && ahead->is_current()) context.ahead = &*ahead;
  Applier applier(*local_, *base_, *scratch_, context);
  ApplyResult applied;
  try {
    applied = applier.run();
  } catch (const Error& error) {
    if (applier.needs_quiet()) {
      put_off_merge();
      return false;
    }
    const TableShape* refusing = applier.refusing_table();
    if (!refusing) throw;
    log::warning(error.what());
    stand_still(TableShape(*refusing), error.detail());
    return false;
  }
  note_conflicts(applied);
  note_written(applied);
  local_->set_cursor(pulled.back().at);
  local_->set_meta("put_off", "");
  if (mutated(Mutation::kBaseFirst)) {
    commit_base();
    reached(Step::kMergeCommitted);
    begin_base();
  }
  commit_local();
  reached(Step::kMergeCommitted);
  note_moved(*base_, applied.moved, now_ms());
  commit_base();
  reached(Step::kBaseCommitted);
  taken_in_ = true;
  forms_came_ = forms_came_ || new_forms;
  count_applied(applied);
  make_search_indexes();
  return true;
}

// In the transaction that wrote the rows.
void SyncRun::note_written(const ApplyResult& applied) {
  std::set<std::uint32_t> tables;
  for (const auto& [table, rows] : applied.pulled) tables.insert(table);
  note_search_indexes_due(*local_, tables);
}

void SyncRun::make_search_indexes() {
  if (options_.dry_run || !search_indexes_are_due(*local_)) return;
  begin_local(Transaction::Kind::kImmediate);
  for (const std::string& name : rebuild_search_indexes(*local_)) {
    result_.notes.push_back("The application's search index " + name +
                            " could not be brought up to date from here: rows that came in are not "
                            "in it until the application makes it anew");
  }
  commit_local();
}

void SyncRun::count_applied(const ApplyResult& applied) {
  for (const auto& [table, rows] : applied.pulled) {
    const TableShape& shape = local_->table(table).shape();
    if (!shape.system) result_.tables[shape.name].pulled += rows;
  }
  for (const auto& [table, count] : applied.conflict_counts) {
    result_.tables[local_->table(table).shape().name].conflicts += count;
  }
}

// For the person who runs it: what was decided here, and what others decided against this node.
void SyncRun::note_conflicts(const ApplyResult& applied) {
  constexpr std::size_t kNoted = 20;
  const auto note = [&](const std::string& id, std::vector<ConflictRow>& to) {
    try {
      auto row = read_conflict(local_->db(), id);
      if (row) to.push_back(std::move(*row));
    } catch (const Error& error) {
      // A row that somebody wrote by hand must not stop the sync.
      if (error.code() != ErrorCode::kDamaged) throw;
      log::warning(std::string("a conflict cannot be told: ") + error.what());
    }
  };
  for (const AppliedConflict& conflict : applied.conflicts) note(conflict.id, result_.decided);
  scratch_->for_each_touched(kConflictsTableId, [&](const Touched& touched) {
    if (touched.base) return;  // known before
    const std::string id(decode_image(touched.key).at(0).bytes);
    if (!has_lost_open_conflict(local_->db(), id, config_.node.value)) return;
    ++result_.heard_of_count;
    if (result_.heard_of.size() < kNoted) note(id, result_.heard_of);
  });
}

}  // namespace tidesync
