#include "sync/master_keeper.h"

#include "base/log.h"
#include "base/number.h"
#include "base/text.h"
#include "replica/snapshot.h"
#include "share/layout.h"
#include "sync/sync_run.h"

namespace tidesync {
namespace {

constexpr std::uint64_t kLargeMasterBytes = 64u << 20;
constexpr std::int64_t kLargeMasterPauseMs = 5 * 60 * 1000;

std::string day_of(std::int64_t at_ms) {
  return iso_utc(at_ms).substr(0, 10);
}

}  // namespace

MasterKeeper::MasterKeeper(Environment& env, const LocalPaths& paths, const Config& config,
                           Dataset& dataset, Base& base)
    : env_(env), paths_(paths), config_(config), dataset_(dataset), base_(base) {}

Path MasterKeeper::build(ExportWay way) {
  const Path copy = paths_.staging / "master.db";
  env_.local.remove(copy);
  export_state(base_, copy, way);
  return copy;
}

// Pages as they are cost a third of writing the file anew. Once a day each node does the latter,
// which reads every row and leaves no gaps.
ExportWay MasterKeeper::way_of_today() {
  const std::string today = day_of(env_.clock.now_ms());
  if (base_.get_state("master_compact_day") != today) {
    base_.set_state("master_compact_day", today);
    return ExportWay::kCompact;
  }
  return ExportWay::kPages;
}

MasterKeeper::Outcome MasterKeeper::refresh(const RefreshOptions& options) {
  // Never back: a node that is ahead of us may have been faster.
  const auto there = read_master_note(dataset_);
  const std::optional<MasterNote> old = there ? there->note : std::nullopt;
  const MasterNote note_there = old.value_or(MasterNote{});
  seq_there_ = note_there.seq;
  const Seq seq = base_.cursor().seq;
  if (note_there.seq > seq && !options.force) return Outcome::kLaterThere;
  // The same number with another content is of a lineage that the share lost.
  if (note_there.seq == seq && note_there.state == base_.state() && !options.at_once)
    return Outcome::kUpToDate;
  const std::int64_t last_ms = int64_or(base_.get_state("master_at_ms"), 0);
  const std::int64_t since_ms = env_.clock.now_ms() - last_ms;
  const auto size = env_.local.stat(paths_.base);
  if (!options.at_once && size && size->size > kLargeMasterBytes &&
      since_ms < kLargeMasterPauseMs && since_ms >= 0) {
    return Outcome::kPaused;
  }
  const Path copy = build(way_of_today());
  MasterNote note;
  note.seq = seq;
  note.state = base_.state();
  note.built_by = config_.node.value;
  note.built_at_ms = env_.clock.now_ms();
  note.backup_day = make_daily_backup(copy, note_there.backup_day);
  // What stands there is looked at when the new file is complete beside it: as late as can be.
  const ReplacedFile file =
      dataset_.replace_copy(layout::kMasterFile, env_.local, copy, [&] { keep_foreign(old); });
  note.digest = file.digest;
  note.size = file.size;
  note.file_ms = file.modified_ms;
  dataset_.write_note(layout::kMasterNote, to_json(note));
  base_.set_state("master_at_ms", std::to_string(env_.clock.now_ms()));
  seq_there_ = seq;
  env_.local.remove(copy);
  return Outcome::kRefreshed;
}

void MasterKeeper::keep_foreign(const std::optional<MasterNote>& note) {
  const MasterFound found = check_master(env_, paths_, dataset_, base_, note, MasterCheck::kQuick);
  if (found.state != MasterState::kForeign) return;
  const std::int64_t now_ms = env_.clock.now_ms();
  const auto name = parse_backup_name(hand_edited_name(now_ms, env_.random));
  BackupNote kept;
  kept.share_id = dataset_.format().share_id;
  kept.kind = BackupKind::kHandEdited;
  kept.seq = note ? note->seq : Seq{};
  kept.digest = found.digest;
  kept.size = found.size;
  kept.made_by = config_.node.value;
  kept.made_at_ms = now_ms;
  if (!Backups(env_.share, dataset_).move_master(*name, kept)) return;
  log::warning("master.db on the share was changed by somebody: kept as backups/" + name->name);
  notes_.push_back(
      "master.db on the share had been changed by hand. What was there is kept as backups/" +
      name->name +
      ".db on the share; master.db is made anew with every sync, so edits in it reach nobody. To "
      "see what differs and take it over: tidesync master restore " +
      name->name);
}

MasterKeeper::Made MasterKeeper::back_up(const KeepRule& rule) {
  const Path copy = build(ExportWay::kCompact);
  Made made = store(copy, rule);
  env_.local.remove(copy);
  return made;
}

MasterKeeper::Made MasterKeeper::store(const Path& copy, const KeepRule& rule) {
  const std::int64_t now_ms = env_.clock.now_ms();
  const auto name = parse_backup_name(master_backup_name(now_ms, base_.cursor().seq));
  BackupNote note;
  note.share_id = dataset_.format().share_id;
  note.seq = base_.cursor().seq;
  note.state = base_.state();
  note.made_by = config_.node.value;
  note.made_at_ms = now_ms;
  Backups backups(env_.share, dataset_);
  backups.put(*name, note, env_.local, copy);
  return {name->name, env_.local.stat(copy)->size, backups.prune(now_ms, rule)};
}

// By the first run of the day that gets so far, whoever's it is. The day of the last backup, as far
// as it is known now.
std::string MasterKeeper::make_daily_backup(const Path& copy, const std::string& last_day) {
  const std::string today = day_of(env_.clock.now_ms());
  if (!config_.daily_backups || last_day == today) return last_day;
  try {
    for (const ListedBackup& backup : Backups(env_.share, dataset_).list()) {
      const bool is_ours = backup.name.kind == BackupKind::kMaster && backup.has_note;
      if (is_ours && day_of(backup.name.at_ms) == today) return today;
    }
    store(copy, parse_keep_rule(config_.keep_backups).value_or(KeepRule{}));
    return today;
  } catch (const Error& error) {
    log::warning(std::string("the day's backup of master.db was not made: ") + error.what());
    notes_.push_back("The day's backup of master.db could not be made (" + error.detail() +
                     "); the next sync tries again.");
    return last_day;
  }
}

}  // namespace tidesync
