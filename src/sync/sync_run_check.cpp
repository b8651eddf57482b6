// The full check of the log: the newest entries are read whole, all of their bytes, because damage
// in the middle of an entry shows neither in its size nor in its end; and the rows of the base copy
// are added up. Once a day, and when a person asks for it.
#include <map>

#include "base/log.h"
#include "base/number.h"
#include "sync/base_mark.h"
#include "sync/sync_run.h"

namespace tidesync {
namespace {

constexpr std::uint64_t kDailyEntries = 64;
constexpr std::uint64_t kAskedEntries = 512;  // as many as are kept here to put back
constexpr std::int64_t kCheckEveryMs = 24LL * 60 * 60 * 1000;
constexpr const char* kCheckedAt = "log_checked_ms";

// "12", "12 and 13", "12, 13 and 14".
std::string listed_numbers(const std::vector<std::uint64_t>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) text += i + 1 == numbers.size() ? " and " : ", ";
    text += std::to_string(numbers[i]);
  }
  return text;
}

}  // namespace

bool SyncRun::log_check_is_due() {
  if (log_was_checked_) return false;
  if (options_.check_log) return true;
  const std::string last = base_->get_state(kCheckedAt);
  if (last.empty()) {
    // A new base copy was folded from entries that were read whole.
    base_->set_state(kCheckedAt, std::to_string(now_ms()));
    return false;
  }
  const std::int64_t age_ms = now_ms() - int64_or(last, 0);
  return age_ms >= kCheckEveryMs || age_ms < 0;
}

// True when the share has to be looked at again: an entry was damaged, and may have been moved
// aside without coming back, or another one stands in its place. Nothing is published on top of a
// hole.
bool SyncRun::check_log(const std::vector<EntryInfo>& listed) {
  log_was_checked_ = true;
  const std::uint64_t count = options_.check_log ? kAskedEntries : kDailyEntries;
  const auto entries =
      options_.check_log ? dataset_->list_entries(base_->cursor().seq, count) : listed;
  std::map<Seq, const EntryInfo*> present;
  for (const EntryInfo& entry : entries) present[entry.seq] = &entry;
  std::vector<std::uint64_t> healed;
  std::vector<std::uint64_t> lost;
  bool look_again = false;
  for (const ChainLink& link : base_->last_links(count)) {
    const auto found = present.find(link.at.seq);
    if (found == present.end()) continue;
    const EntryCondition condition = look_at_whole(link, *found->second);
    if (condition == EntryCondition::kWhole) continue;
    look_again = true;
    if (condition != EntryCondition::kDamaged) continue;
    (heal(link, *found->second) ? healed : lost).push_back(link.at.seq.value);
  }
  if (!healed.empty()) {
    result_.notes.push_back("Damaged on the share and put back from here: batch " +
                            listed_numbers(healed) + ".");
  }
  if (!lost.empty()) {
    result_.status = RunStatus::kPartial;
    result_.notes.push_back("Damaged on the share, and not put back from here: batch " +
                            listed_numbers(lost) +
                            ". Run tidesync now --check-log on the other computers: one that has "
                            "a copy puts it back.");
  }
  base_is_sound_ = false;
  require_sound_base();
  base_->set_state(kCheckedAt, std::to_string(now_ms()));
  return look_again;
}

// Indexes as well, which no sum of rows looks at: master.db is a copy of these pages.
bool SyncRun::pages_are_whole() {
  try {
    const std::string found = base_->db().get_text("PRAGMA integrity_check(1)");
    if (found != "ok") log::warning("base copy: " + found);
    return found == "ok";
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDamaged && error.code() != ErrorCode::kNotADatabase) throw;
    return false;
  }
}

// What is published from a base copy with a wrong row cannot be folded by anybody: all would stop.
void SyncRun::require_sound_base() {
  if ((base_is_sound_ || pages_are_whole()) && base_->adds_up()) {
    base_is_sound_ = true;
    return;
  }
  result_.notes.push_back(
      "The base copy beside this database was changed by somebody or by a bad disk, and was made "
      "anew from the share. Nothing was lost. If this happens again, have the disk checked.");
  throw Error(ErrorCode::kDiverged, "check base copy", to_utf8(paths_.base),
              "its rows are not those that the log gives",
              "Nothing was published. Move base.db away and run again: it is made anew from the "
              "share.");
}

void SyncRun::close_base() {
  base_.reset();
  if (base_is_sound_) mark_base(env_.local, paths_);
}

// Read several times before it counts as damaged: what a bad line garbles is whole the next time.
SyncRun::EntryCondition SyncRun::look_at_whole(const ChainLink& link, const EntryInfo& entry) {
  constexpr int kReads = 3;
  constexpr std::int64_t kPauseMs = 200;
  const Path copy = paths_.staging / "checked";
  EntryCondition condition = EntryCondition::kDamaged;
  for (int read = 1; read <= kReads && condition == EntryCondition::kDamaged; ++read) {
    if (read > 1) env_.clock.sleep_ms(kPauseMs);
    env_.local.remove(copy);
    // Gone meanwhile: the next look at the listing deals with that.
    if (!dataset_->fetch_entry(entry, env_.local, copy)) return EntryCondition::kAnother;
    try {
      const bool known = BatchReader(env_.local, copy).hash() == link.at.hash;
      condition = known ? EntryCondition::kWhole : EntryCondition::kAnother;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kDamaged) throw;
      log::warning("entry " + std::to_string(link.at.seq.value) +
                   " on the share: " + error.detail());
    }
  }
  env_.local.remove(copy);
  return condition;
}

// What a bad disk did to our copy must not reach the others.
bool SyncRun::is_kept_whole(const ChainLink& link) {
  try {
    return BatchReader(env_.local, spool_path(link.at)).hash() == link.at.hash;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound && error.code() != ErrorCode::kDamaged) throw;
    return false;
  }
}

// Moved aside only where the good bytes are at hand: a damaged entry is no worse than a hole.
bool SyncRun::heal(const ChainLink& link, const EntryInfo& entry) {
  if (!is_kept_whole(link)) return false;
  const Path file = spool_path(link.at);
  try {
    if (!dataset_->quarantine(entry.seq, "damaged")) return false;
  } catch (const Error& error) {
    // A share that cannot be written now is still read from.
    if (error.code() != ErrorCode::kReadOnly && error.code() != ErrorCode::kNoPermission) throw;
    log::warning(std::string("a damaged entry stays where it is: ") + error.what());
    return false;
  }
  const Digest digest = digest_of_file(env_.local, file);
  return dataset_->publish(link.at.seq, env_.local, file, digest) == PublishOutcome::kPublished;
}

}  // namespace tidesync
