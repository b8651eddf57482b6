// Recovery (protocol.md P1): the application's database is always committed before the base copy,
// so after a crash the base copy is behind and is folded forward. Anything else means that the
// application's database is a copy from another time.
#include "base/log.h"
#include "base/mutation.h"
#include "base/text.h"
#include "sync/base_mark.h"
#include "sync/log_reader.h"
#include "sync/sync_run.h"

namespace tidesync {

Path SyncRun::spool_path(const Cursor& at) const {
  return spool_file(paths_, at);
}

void SyncRun::open_base() {
  base_is_sound_ = base_is_as_left(env_.local, paths_);
  try {
    base_ = std::make_unique<Base>(paths_.base);
  } catch (const Error& error) {
    const bool unreadable = error.code() == ErrorCode::kNotADatabase ||
                            error.code() == ErrorCode::kDamaged ||
                            error.code() == ErrorCode::kSql || error.code() == ErrorCode::kSchema;
    if (!unreadable || options_.dry_run) throw;
    reset_base(error.what());
  }
  base_->hold_from(local_->gate_places());
}

// A base copy that contradicts the log, or whose file is damaged.
bool SyncRun::should_rebuild(const Error& error) {
  if (rebuilt_ || options_.dry_run) return false;
  if (error.code() == ErrorCode::kDiverged) return true;
  if (error.code() != ErrorCode::kDamaged) return false;
  try {
    return base_->db().get_text("PRAGMA quick_check(1)") != "ok";
  } catch (const Error&) {
    return true;
  }
}

// Nothing is in the base copy that the log does not have.
void SyncRun::reset_base(const std::string& why) {
  log::warning("the base copy is thrown away and made anew from the share: " + why);
  rebuilt_ = base_is_sound_ = true;
  base_.reset();
  for (const char* suffix : {"", "-wal", "-shm"}) {
    Path file = paths_.base;
    file += suffix;
    Path aside = paths_.folder / "base.db.old";
    aside += suffix;
    env_.local.remove(aside);
    if (env_.local.stat(file)) env_.local.rename_replacing(file, aside);
  }
  base_ = std::make_unique<Base>(paths_.base);
  base_->hold_from(local_->gate_places());
  compare_all_ = true;
}

void SyncRun::recover() {
  reached(Step::kRecover);
  // First of all: a new incarnation is added to those that are known.
  machine_ = read_machine_note(env_.local, paths_).value_or(MachineNote{});
  if (local_->get_meta("node") != config_.node.value) {
    // Another node's database was copied here. What it published is told by its intents, which came
    // with it; from now on it goes on under this computer's name.
    take_new_incarnation("came from node " + local_->get_meta("node"));
  }
  check_machine();
  adopt_pending_schema();
  const Cursor cursor = local_->cursor();
  if (!(base_->cursor() == cursor)) {
    set_caches(kLargeCacheKib);
    if (is_ancestor_of_base(cursor)) {
      // The database is older than its base copy: restored from a backup.
      log::warning("the database is older than its base copy: taken for a restored one");
      take_new_incarnation("restored");
      begin_base();
      if (!mutated(Mutation::kNoTip)) base_->remember_tip();
      commit_base();
      rewind_to(cursor);
    } else {
      catch_up(cursor);
    }
  }
  rebuild_shapes();
}

// Between init and its first published batch only the application's database knows the tables.
void SyncRun::adopt_pending_schema() {
  if (!base_->shapes().empty() || !local_->cursor().hash.is_none()) return;
  const std::string schema = local_->get_meta("pending_schema");
  if (schema.empty()) return;
  begin_base();
  base_->apply_schema(schema);
  commit_base();
}

bool SyncRun::is_ancestor_of_base(const Cursor& cursor) {
  if (cursor.seq > base_->cursor().seq) return false;
  Digest hash = base_->cursor().hash;
  while (!hash.is_none() && !(hash == cursor.hash)) {
    const auto link = base_->find_link(hash);
    if (!link || link->at.seq < cursor.seq) return false;
    hash = link->prev;
  }
  return hash == cursor.hash;
}

void SyncRun::take_new_incarnation(const std::string& why) {
  if (!mutated(Mutation::kOldIncarnation)) incarnation_ = make_uuid(env_.random);
  compare_all_ = true;
  if (options_.dry_run) return;
  machine_.add(incarnation_);
  write_machine_note(env_.local, paths_, machine_);
  begin_local(Transaction::Kind::kImmediate);
  local_->set_meta("node", config_.node.value);
  local_->set_meta("incarnation", incarnation_);
  local_->set_meta("incarnation_reason", why);
  local_->set_meta("compare_all", "1");
  commit_local();
}

bool SyncRun::obtain_entry(const Cursor& at, Path& file) {
  file = spool_path(at);
  try {
    if (BatchReader(env_.local, file).hash() == at.hash) return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) env_.local.remove(file);
  }
  for (const EntryInfo& entry : dataset_->list_entries(Seq{at.seq.value - 1}, 0)) {
    if (entry.seq != at.seq) continue;
    const Path incoming = paths_.staging / "incoming";
    if (!fetch_whole(entry, incoming, name_of_batch(at.seq))) return false;
    if (!(BatchReader(env_.local, incoming).hash() == at.hash)) return false;
    env_.local.rename_replacing(incoming, file);
    return true;
  }
  return false;
}

bool SyncRun::collect_missing(const Cursor& target, std::vector<Pulled>& missing, Cursor* stop) {
  Cursor at = target;
  while (!(at == base_->cursor()) && !is_ancestor_of_base(at)) {
    Path file;
    if (at.seq.value == 0 || !obtain_entry(at, file)) {
      if (stop) *stop = at;
      return false;
    }
    BatchReader reader(env_.local, file);
    missing.push_back({at, file, reader.header(), reader.file_size()});
    at = Cursor{Seq{at.seq.value - 1}, reader.header().prev};
  }
  return true;
}

bool SyncRun::is_on_share(Seq seq) {
  const auto listed = dataset_->list_entries(Seq{seq.value - 1}, 0);
  return !listed.empty() && listed.front().seq == seq;
}

void SyncRun::throw_missing(Seq seq) {
  throw Error(
      ErrorCode::kDamaged, "recover", to_utf8(paths_.database),
      "batch " + std::to_string(seq.value) +
          ", which this database has taken in, is neither on the share nor kept here",
      "Nothing was changed. If the share was restored from a backup, let the other computers "
      "sync first: they put back what is missing.");
}

void SyncRun::catch_up(const Cursor& target) {
  // A new base copy far behind: a snapshot saves most of the log.
  constexpr std::uint64_t kFarEntries = 256;
  const bool is_new = base_->cursor().seq.value == 0;
  const bool is_far = is_new && target.seq.value > kFarEntries;
  std::vector<Pulled> missing;
  Cursor stop;
  bool found = is_far && rebuild_from_snapshot(target, missing);
  found = found || find_way(target, missing, &stop);
  found = found || (!is_far && rebuild_from_snapshot(target, missing));
  if (!found && !is_new && !options_.dry_run) {
    if (base_->cursor().seq.value > 0)
      reset_base("there is no way from it to batch " + std::to_string(target.seq.value));
    found = find_way(target, missing, &stop);
  }
  if (!found) {
    // What is only missing for now may come back; what was retired or replaced will not.
    const bool is_gone = is_retired(stop.seq) || (stop.seq.value > 0 && is_on_share(stop.seq));
    if (options_.dry_run || !is_gone) throw_missing(stop.seq);
    adopt_share(target);
    return;
  }
  for (auto entry = missing.rbegin(); entry != missing.rend(); ++entry) {
    begin_base();
    fold(*entry, nullptr, 0);
    commit_base();
  }
  log::info("base copy folded forward to batch " + std::to_string(target.seq.value));
}

// `missing`: the entries from the base copy to `target`, newest first, after it went back to where
// the two parted. False: `stop` is not to be had, and the base copy is where it was.
bool SyncRun::find_way(const Cursor& target, std::vector<Pulled>& missing, Cursor* stop) {
  missing.clear();
  if (!collect_missing(target, missing, stop)) return false;
  const Cursor first =
      missing.empty() ? target
                      : Cursor{Seq{missing.back().at.seq.value - 1}, missing.back().header.prev};
  return first == base_->cursor() || try_rewind_to(first, stop);
}

void SyncRun::rewind_to(const Cursor& target) {
  Cursor stop;
  if (try_rewind_to(target, &stop)) return;
  // Without the old values there is no way back: start from nothing.
  reset_base("batch " + std::to_string(stop.seq.value) + " is not kept here");
  catch_up(target);
}

// False: the old values of `stop` are not to be had, and nothing was changed.
bool SyncRun::try_rewind_to(const Cursor& target, Cursor* stop) {
  begin_base();
  while (!(base_->cursor() == target)) {
    const auto link = base_->find_link(base_->cursor().hash);
    Path file;
    if (!link || !obtain_entry(link->at, file)) {
      if (options_.dry_run) {
        throw Error(ErrorCode::kDiverged, "recover", to_utf8(paths_.base),
                    "it has to be made anew first", "Run tidesync now without --dry-run.");
      }
      if (stop) *stop = base_->cursor();
      rollback_base();
      return false;
    }
    BatchReader reader(env_.local, file);
    base_->fold(reader.header(), *link, reader, FoldDirection::kBackward);
  }
  base_->held().go_back_to(target);
  commit_base();
  compare_all_ = true;
  return true;
}

}  // namespace tidesync
