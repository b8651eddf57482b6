// Where the log does not reach: this node was away for longer than the share keeps its batches, or
// its base copy is lost and the batches that could rebuild it were retired (protocol.md 8.7, 8.8).
// A snapshot of the share takes their place.
//
// Away: the base copy stays what it was, the snapshot is what the others have, and the difference
// between the two is merged as if it were one batch. The commit order is the usual one; a crash
// between the two commits leaves the base copy behind the database's cursor, and recovery begins
// with that snapshot.
#include <limits>

#include "base/log.h"
#include "base/text.h"
#include "merge/effective_time.h"
#include "replica/adoption.h"
#include "replica/snapshot.h"
#include "share/archive.h"
#include "sync/snapshot_finder.h"
#include "sync/sync_run.h"

namespace tidesync {
namespace {

constexpr Seq kAny{std::numeric_limits<std::uint64_t>::max()};

}  // namespace

// Asked only when an entry is missing, so an ordinary run does not pay for it.
bool SyncRun::is_retired(Seq seq) {
  if (!floor_was_read_) floor_ = Archive(env_.share, *dataset_, env_.random).read_floor();
  floor_was_read_ = true;
  return floor_ && seq < floor_->seq;
}

// Whether the next entry of our own lineage is the first that the share still keeps.
bool SyncRun::stands_at_floor() {
  const Cursor& cursor = base_->cursor();
  return is_retired(cursor.seq) && floor_->seq == cursor.seq.next() &&
         floor_->before == cursor.hash;
}

void SyncRun::leap() {
  reached(Step::kPull);
  SnapshotFinder finder(env_, *dataset_, paths_);
  const auto snapshot = finder.next(base_->cursor().seq.next(), kAny);
  if (!snapshot) {
    throw Error(ErrorCode::kDamaged, "check share", to_utf8(config_.share),
                "its batches before " + std::to_string(floor_->seq.value) +
                    " were retired, and no snapshot there can be read",
                "Nothing was changed or published. Let the other computers sync: they make a new "
                "snapshot. Then run again.");
  }
  if (!lineage_goes_through(snapshot->db(), base_->cursor())) {
    // What this node last published or took in was lost before others saw it.
    go_back_to(newest_common(snapshot->db()));
    return;
  }
  if (const auto kept = kept_beyond_cursor(snapshot->db()); !kept.empty()) {
    take_in(kept);
    return;  // the caller looks again
  }
  if (const auto branch = forgotten_branch(base_->cursor(), {}); !branch.empty()) {
    take_in_kept(branch);
    return;  // and finds that the share went on in another way
  }
  const Seq from = base_->cursor().seq;
  merge({make_leap(*snapshot)});
  if (put_off_) return;
  result_.notes.push_back(
      "This computer was away for longer than the share keeps its batches (since batch " +
      std::to_string(from.value) + "): its data was merged with the state of " +
      snapshot->note().made_at);
}

Cursor SyncRun::newest_common(Database& snapshot) {
  for (const ChainLink& link : base_->last_links(std::numeric_limits<std::size_t>::max())) {
    if (lineage_goes_through(snapshot, link.at)) return link.at;
  }
  return {};
}

// The difference as a batch of nobody, at the snapshot's place in the log.
SyncRun::Pulled SyncRun::make_leap(LocalSnapshot& snapshot) {
  const Path file = paths_.staging / "leap";
  env_.local.remove(file);
  BatchHeader header;
  header.share_id = dataset_->format().share_id;
  header.seq = snapshot.note().seq;
  header.prev = base_->cursor().hash;
  header.uuid = make_uuid(env_.random);
  header.incarnation = make_uuid(env_.random);
  header.node = NodeId{"share"};
  header.user = "share";
  header.host = env_.host;
  header.tool = env_.tool;
  header.made_at_ms = now_ms();
  header.base_state = base_->state();
  header.post_state = snapshot.note().state;
  const SchemaChange change{base_->schema(), schema_of_snapshot(snapshot.db())};
  begin_base();
  if (to_json(change.from) != to_json(change.to)) {
    header.schema = to_json(change);
    base_->apply_schema(header.schema);
  }
  std::vector<BatchTable> tables;
  for (const TableShape& shape : base_->shapes()) tables.push_back(batch_table_of(shape));
  std::int64_t made_at_ms = 0;
  parse_iso_utc(snapshot.note().made_at, made_at_ms);
  BatchWriter writer(env_.local, file, std::move(tables));
  write_difference(*base_, snapshot.db(), made_at_ms, writer);
  rollback_base();
  writer.finish(header);
  BatchReader sealed(env_.local, file);
  return {snapshot.at(), file, sealed.header(), sealed.file_size(), &snapshot};
}

// A base copy at `target` from a snapshot before it and the entries between.
bool SyncRun::rebuild_from_snapshot(const Cursor& target, std::vector<Pulled>& missing) {
  if (options_.dry_run) return false;
  // Also of a batch that the share lost since: it may be the very one where the database stands.
  SnapshotFinder finder(env_, *dataset_, paths_, SnapshotFinder::Of::kAny);
  for (;;) {
    if (base_->cursor().seq.value > 0) reset_base("it is begun again with a snapshot");
    if (!begin_with_snapshot(finder, *base_, target.seq)) return false;
    if (find_way(target, missing, nullptr)) return true;
  }
}

// Nobody knows any more from which state this database began. The base copy is committed last, as
// always: one that is ahead of the database would make the next run take that for a restored one.
void SyncRun::adopt_share(const Cursor& target) {
  if (base_->cursor().seq.value > 0) reset_base("it is made anew from the newest snapshot");
  SnapshotFinder finder(env_, *dataset_, paths_);
  if (!begin_with_snapshot(finder, *base_, kAny, base_transaction_)) throw_missing(target.seq);
  fold_rest_of_log();
  log::warning("the base copy of batch " + std::to_string(target.seq.value) +
               " cannot be made any more: the database is compared with the share's state");
  const Path backup = paths_.backups / (to_utf8(paths_.database.filename()) + "." +
                                        std::to_string(now_ms()) + ".before-merge");
  env_.local.remove(backup);
  local_->db().backup_to(backup);

  begin_local(Transaction::Kind::kImmediate);
  local_->use_shapes(base_->shapes(), Local::Gates::kKeep);
  const bool triggers_were_there = !local_->install_triggers();
  const bool hints_tell = base_->lineage_has(target) && hints_were_complete_ && triggers_were_there;
  scratch_->clear_touched();
  hints_loaded_ = local_->load_hints(hints_loaded_, *scratch_);
  touch_differences(*local_, *base_, *scratch_, hints_tell);
  MergeContext context = merge_context();
  context.unknown_time_ms = 0;  // a row whose age nobody knows yields to the share's
  context.may_change_numbers = true;
  context.adds_up = false;
  context.same_key_is_same_record = !hints_tell;
  Author share;
  share.node = share.user = "share";
  context.batch_authors.push_back(share);
  Applier applier(*local_, *base_, *scratch_, context);
  const ApplyResult applied = applier.run();
  note_conflicts(applied);
  note_written(applied);
  count_applied(applied);
  local_->set_cursor(base_->cursor());
  if (!hints_tell) local_->set_meta("compare_all", "1");
  commit_local();
  commit_base();
  compare_all_ = compare_all_ || !hints_tell;
  scratch_->clear_touched();
  taken_in_ = true;
  result_.notes.push_back(
      "The share no longer has the batches from which this database last went on: all rows were "
      "compared with the share's, and rows changed on both sides were decided by their times. The "
      "database as it was before is kept in " +
      to_utf8(backup));
}

// Uncommitted.
void SyncRun::fold_rest_of_log() {
  for (;;) {
    const auto pulled = fetch(dataset_->list_entries(base_->cursor().seq, 0));
    if (pulled.empty()) return;
    for (const Pulled& entry : pulled) fold(entry, nullptr, 0);
  }
}

}  // namespace tidesync
