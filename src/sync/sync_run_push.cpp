// Push: what differs from the base copy becomes the next entry of the log.
//
// Two-process argument: both nodes built their batch on entry N and try to publish N+1. At most one
// entry gets the name (share/dataset.h); the other node pulls it, merges, and builds a new batch on
// N+1. The intent is committed in the application's database after the rows were read and before
// the batch is published: whoever finds the intent in a database knows that it holds all of the
// batch.
#include <cstdlib>
#include <utility>

#include "base/log.h"
#include "base/mutation.h"
#include "base/text.h"
#include "replica/gate_rows.h"
#include "sync/sync_run.h"

namespace tidesync {
namespace {

// An offset within the error of its measurement (round trip, coarse times of files) is none:
// otherwise noise would decide between equal stamps.
constexpr std::int64_t kClockNoiseMs = 1000;

// So many rows are looked up here and there. A few always wait: the last run's own in sync_log.
constexpr std::int64_t kManyHints = 1000;

}  // namespace

BatchHeader SyncRun::make_header(const Uuid& uuid) {
  BatchHeader header;
  header.share_id = dataset_->format().share_id;
  header.seq = base_->cursor().seq.next();
  header.prev = base_->cursor().hash;
  header.uuid = uuid;
  header.node = config_.node;
  header.incarnation = incarnation_;
  header.host = env_.host;
  header.user = config_.user;
  header.tool = env_.tool;
  header.made_at_ms = now_ms();
  header.clock_offset_ms = clock_offset_ms_;
  header.post_state = base_->state();
  // The first entry makes the tables, also when it takes the place of one that was lost.
  if (header.seq.value == 1) {
    const std::string pending = local_->get_meta("pending_schema");
    header.schema = pending.empty() ? to_json(base_->schema()) : pending;
  }
  if (proposal_) header.schema = *proposal_;
  return header;
}

OutboxResult SyncRun::scan(const Uuid& uuid, std::unique_ptr<BatchWriter>& writer,
                           std::int64_t& mark) {
  for (int round = 0;; ++round) {
    reached(Step::kScan);
    begin_base();
    begin_local(Transaction::Kind::kDeferred);
    hints_loaded_ = local_->load_hints(hints_loaded_, *scratch_);
    mark = hints_loaded_;
    if (mark > kManyHints) set_caches(kLargeCacheKib);
    writer.reset();
    propose();
    OutboxOptions options;
    options.now_ms = now_ms();
    options.clock_offset_ms = clock_offset_ms_;
    options.utc_offset = [this](std::int64_t utc_ms) { return env_.clock.utc_offset_ms(utc_ms); };
    options.compare_all = compare_all_ || proposal_;
    options.allow_mass_delete = options_.allow_mass_delete;
    options.may_repeat = !options_.dry_run;
    OutboxResult built;
    try {
      built = build_outbox(
          *local_, *base_, *scratch_, options, [&](std::vector<BatchTable> tables) -> ChangeSink& {
            writer =
                std::make_unique<BatchWriter>(env_.local, paths_.staging / uuid, std::move(tables));
            return *writer;
          });
    } catch (const Error& error) {
      if (!base_->refused_own()) throw;
      log::warning(error.what());
      stand_still(TableShape(local_->table(*base_->refused_own()).shape()),
                  "rows here break a rule that a newer application gave it elsewhere");
      report_gates();
      --round;  // one table less each time
      continue;
    }
    if (!options_.dry_run) {
      local_transaction_->rollback();  // it only read
      local_transaction_.reset();
    }
    if (built.outcome != OutboxOutcome::kHintsIncomplete || options_.dry_run) return built;
    if (round == 1 && !built.held.empty()) {
      // Rows that the guard keeps on the share still have the values of those that replaced them.
      const HeldDeletes& held = built.held.front();
      throw Error(ErrorCode::kGuard, "prepare batch", held.table,
                  with_thousands(held.rows) + " of " + with_thousands(held.of) +
                      " rows were deleted here, and new rows use their UNIQUE values",
                  "Nothing was published, and nothing is lost. If that is what you want, run: "
                  "tidesync now --allow-mass-delete");
    }
    if (round == 1) {
      throw Error(ErrorCode::kSchema, "prepare batch", to_utf8(paths_.database),
                  "its rows do not fit the shared tables: a UNIQUE value stands twice",
                  "Nothing was published. Compare the UNIQUE indexes of this database with another "
                  "computer's.");
    }
    compare_all_ = true;
    rollback_base();
  }
}

SyncRun::PushOutcome SyncRun::push() {
  const Uuid uuid = make_uuid(env_.random);
  const Digest state_before = base_->state();
  std::unique_ptr<BatchWriter> writer;
  std::int64_t mark = 0;
  const OutboxResult built = scan(uuid, writer, mark);
  if (!options_.dry_run && (writer || !built.held.empty()) &&
      (compare_all_ || proposal_ || !base_is_sound_))
    require_sound_base();
  for (const HeldDeletes& held : built.held) {
    result_.status = RunStatus::kPartial;
    result_.notes.push_back(
        "Held back: " + with_thousands(held.rows) + " of " + with_thousands(held.of) + " rows of " +
        held.table +
        " were deleted here. If that is what you want, run: tidesync now --allow-mass-delete");
  }
  if (options_.dry_run) {
    if (writer) count_pushed(*writer, writer->value_bytes());
    return PushOutcome::kNothing;
  }
  if (built.outcome == OutboxOutcome::kNothing && base_->cursor().seq.value == 0 &&
      !local_->get_meta("pending_schema").empty()) {
    // The first batch brings the tables. It is due even when they have no rows yet: nobody could
    // join before.
    writer =
        std::make_unique<BatchWriter>(env_.local, paths_.staging / uuid, std::vector<BatchTable>{});
  }
  if (!writer && (proposal_ || accepts_hole_)) {
    // The tables are all it brings, or its place in the log.
    writer =
        std::make_unique<BatchWriter>(env_.local, paths_.staging / uuid, std::vector<BatchTable>{});
  }
  if (!writer) {
    // Nothing was applied to the base copy.
    if (base_->get_state("schemas_compared") != schemas_compared_ && !options_.dry_run) {
      base_->set_state("schemas_compared", schemas_compared_);
      commit_base();
    }
    base_transaction_.reset();
    if (mark > 0 || compare_all_ || own_schema_was_read_) {
      begin_local(Transaction::Kind::kImmediate);
      note_own_forms();
      local_->forget_hints(mark, built.keep_hints);
      if (compare_all_ && built.held.empty()) local_->set_meta("compare_all", "");
      commit_local();
    }
    return PushOutcome::kNothing;
  }
  BatchHeader header = make_header(uuid);
  header.base_state = state_before;
  const Digest prev = header.prev;
  const Cursor at{header.seq, writer->finish(std::move(header))};
  reached(Step::kSealed);

  begin_local(Transaction::Kind::kImmediate);
  local_->add_intent(uuid, at.seq, now_ms());
  commit_local();
  if (mutated(Mutation::kIntentsOutside))
    write_new_file(env_.local, paths_.spool / uuid, uuid, false);
  reached(Step::kIntentCommitted);

  const PublishOutcome outcome = publish(paths_.staging / uuid, at);
  if (outcome != PublishOutcome::kPublished) {
    rollback_base();
    return PushOutcome::kLost;
  }
  reached(Step::kPublished);
  const std::uint64_t size = env_.local.stat(spool_path(at))->size;
  acknowledge(at, mark, built);
  base_->advance_own({at, prev, uuid, config_.node.value, size});
  follow_gates(*base_, *local_);
  base_->set_state("clock_offset_ms", std::to_string(clock_offset_ms_));
  commit_base();
  reached(Step::kOwnBaseCommitted);
  count_pushed(*writer, size);
  published_ = true;
  return PushOutcome::kPublished;
}

// What was sealed is kept from before its publish: should nobody ever tell us that it got its
// place, because the log was retired meanwhile, we still know what was in it.
PublishOutcome SyncRun::publish(const Path& sealed, const Cursor& at) {
  reached(Step::kPublish);
  const Digest file_digest = digest_of_file(env_.local, sealed);
  const Path kept = spool_path(at);
  env_.local.rename_replacing(sealed, kept);
  PublishOutcome outcome = PublishOutcome::kUnknown;
  try {
    outcome = dataset_->publish(at.seq, env_.local, kept, file_digest,
                                [this] { return stamps_are_right(); });
  } catch (const Error&) {
    env_.local.remove(kept);  // nothing happened
    throw;
  }
  if (outcome == PublishOutcome::kLost) env_.local.remove(kept);
  clock_offset_ms_ = measured_offset_ms();
  return outcome;
}

std::int64_t SyncRun::measured_offset_ms() const {
  const ClockOffset offset = dataset_->clock_offset();
  if (!offset.known) return clock_offset_ms_;
  return std::abs(offset.offset_ms) < kClockNoiseMs ? 0 : offset.offset_ms;
}

// The batch was stamped with the offset of the last run. When the clock was set since, it is made
// once more with that of now: else an older edit would win over a newer one.
bool SyncRun::stamps_are_right() {
  const std::int64_t now_ms = measured_offset_ms();
  if (std::exchange(offset_was_checked_, true) ||
      std::abs(now_ms - clock_offset_ms_) <= kTimeUncertaintyMs)
    return true;
  log::info("this computer's clock was set: the batch is made once more with the right times");
  return false;
}

void SyncRun::acknowledge(const Cursor& at, std::int64_t mark, const OutboxResult& built) {
  begin_local(Transaction::Kind::kImmediate);
  local_->set_cursor(at);
  // Only hints that were there when the rows were read: the application may have written since.
  if (mutated(Mutation::kHintsWithoutMark)) mark = local_->highest_hint();
  local_->forget_hints(mark, built.keep_hints);
  if (built.held.empty()) local_->set_meta("compare_all", "");
  if (at.seq.value == 1) local_->set_meta("pending_schema", "");
  if (proposal_) {
    // New tables get their triggers now; what was done in them since they were read is found by
    // the next comparison.
    compare_all_ = true;
    follow_forms();
  }
  note_own_forms();
  stamp_published(at);
  // Together with the cursor: what stayed would go out once more, over what others wrote since.
  local_->forget_absent_on_share();
  commit_local();
  // Their numbers begin again with 1 when none is left.
  hints_loaded_ = 0;
  scratch_->clear_hints();
  compare_all_ = proposal_.has_value();
  proposal_.reset();
  reached(Step::kAcknowledged);
}

void SyncRun::stamp_published(const Cursor& at) {
  bool any = false;
  for (const TableShape& shape : local_->shapes()) any = any || local_->has_synced_at(shape.id);
  if (!any) return;
  const std::string now = iso_utc(now_ms());
  BatchReader reader(env_.local, spool_path(at));
  std::vector<const TableShape*> tables;
  for (const BatchTable& table : reader.header().tables)
    tables.push_back(base_->find_shape(table.name));
  for (Change change; reader.next(change);) {
    const TableShape* shape = tables.at(change.table);
    if (shape && local_->has_synced_at(shape->id)) local_->stamp_synced(shape->id, change.key, now);
  }
}

void SyncRun::count_pushed(const BatchWriter& writer, std::uint64_t bytes) {
  result_.bytes_pushed += bytes;
  const auto& tables = writer.tables();
  const auto& counts = writer.counts();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const TableShape* shape = base_->find_shape(tables[i].name);
    if (shape && !shape->system && counts[i].total() > 0)
      result_.tables[shape->name].pushed += counts[i].total();
  }
}

}  // namespace tidesync
