// Batches that this computer keeps in spool/ and the share has not. As a rule the base copy knows
// of them (sync_run_lineage.cpp). When it was made anew, or the application's database is older
// than they are, nobody else may have what is in them:
//
//   the log ends where they begin          they are put back and taken in
//   the log went on in another way         they are taken in, the fork is seen and left like any
//                                          other, and what they brought is proposed again
//   a snapshot has them                    they are taken in one by one before it
//
// A batch that was left with a fork is in the database, which remembers it as it does its own
// (intents): it is not taken in again. Its file goes as soon as all of it has gone out again.
#include <algorithm>
#include <set>

#include "base/log.h"
#include "base/mutation.h"
#include "base/text.h"
#include "replica/snapshot.h"
#include "sync/log_reader.h"
#include "sync/sync_run.h"

namespace tidesync {

// All that were once in, or sealed for, the place after this one.
std::vector<SyncRun::Pulled> SyncRun::kept_behind(const Cursor& place) {
  std::vector<Pulled> kept;
  for (const DirEntry& file : env_.local.list(paths_.spool)) {
    if (seq_of_spool_file(file.name) != place.seq.next()) continue;
    auto entry = read_kept(paths_.spool / file.name);
    if (entry && entry->header.prev == place.hash &&
        entry->header.share_id == dataset_->format().share_id)
      kept.push_back(std::move(*entry));
  }
  return kept;
}

// None when a bad disk changed it.
std::optional<SyncRun::Pulled> SyncRun::read_kept(const Path& file) {
  try {
    BatchReader reader(env_.local, file);
    const BatchHeader& header = reader.header();
    return Pulled{{header.seq, reader.hash()}, file, header, reader.file_size()};
  } catch (const Error& error) {
    log::warning(std::string("a batch kept here cannot be read: ") + error.what());
    return std::nullopt;
  }
}

// Of several, the one that was sealed last.
std::optional<SyncRun::Pulled> SyncRun::kept_after(const Cursor& place,
                                                   const std::function<bool(const Cursor&)>& fits) {
  std::optional<Pulled> last;
  for (Pulled& entry : kept_behind(place)) {
    if (!fits(entry.at)) continue;
    if (!last || entry.header.made_at_ms > last->header.made_at_ms) last = std::move(entry);
  }
  return last;
}

// Entries that the snapshot covers and this computer kept, as far as they follow the cursor: our
// own last batch above all, when we never heard whether it got its place. In the snapshot its
// records would look like those of others.
std::vector<SyncRun::Pulled> SyncRun::kept_beyond_cursor(Database& snapshot) {
  std::vector<Pulled> kept;
  Cursor after = base_->cursor();
  while (auto entry = kept_after(
             after, [&](const Cursor& at) { return lineage_goes_through(snapshot, at); })) {
    after = entry->at;
    kept.push_back(std::move(*entry));
  }
  return kept;
}

// They go before anything new: the share lost them, or nobody heard whether they got their place.
void SyncRun::put_back_kept() {
  if (options_.dry_run || mutated(Mutation::kNoTip)) return;
  const auto any = [](const Cursor&) { return true; };
  while (!put_off_) {
    const auto entry = kept_after(base_->cursor(), any);
    if (!entry) return;
    log::warning("entry " + std::to_string(entry->at.seq.value) +
                 " is kept here and missing on the share: put back");
    const Digest digest = digest_of_file(env_.local, entry->file);
    if (dataset_->publish(entry->at.seq, env_.local, entry->file, digest) !=
        PublishOutcome::kPublished)
      return;
    take_in_kept({*entry});
  }
}

// From `place` on in another way than by the entry `except`, with work of this computer in it that
// its database does not know. Empty: there is none. Work of others is theirs to propose again.
std::vector<SyncRun::Pulled> SyncRun::forgotten_branch(const Cursor& place, const Cursor& except) {
  if (mutated(Mutation::kNoTip)) return {};
  const auto any = [](const Cursor&) { return true; };
  for (const Pulled& first : kept_behind(place)) {
    if (first.at == except) continue;
    std::vector<Pulled> branch{first};
    while (auto next = kept_after(branch.back().at, any)) branch.push_back(std::move(*next));
    const bool is_forgotten = std::any_of(branch.begin(), branch.end(), [&](const Pulled& entry) {
      return machine_.had(entry.header.incarnation) && !is_own(entry.header);
    });
    if (is_forgotten) return branch;
  }
  return {};
}

// `pulled` is what the share has from here on. True when there was such a branch: it was taken in,
// and the caller looks at the share again.
bool SyncRun::take_in_branch(const std::vector<Pulled>& pulled) {
  if (options_.dry_run || pulled.empty()) return false;
  std::set<std::string> there;
  for (const Pulled& entry : pulled) there.insert(to_utf8(spool_path(entry.at).filename()));
  std::set<Seq> other;
  for (const DirEntry& file : env_.local.list(paths_.spool)) {
    if (there.count(file.name) == 0) other.insert(seq_of_spool_file(file.name));
  }
  Cursor place = base_->cursor();
  for (std::size_t i = 0; i < pulled.size(); place = pulled[i++].at) {
    if (other.count(pulled[i].at.seq) == 0) continue;
    const auto branch = forgotten_branch(place, pulled[i].at);
    if (branch.empty()) continue;
    log::warning("from batch " + std::to_string(place.seq.value) +
                 " on the share went on without work that is kept here: taken in");
    result_.notes.push_back(
        "The share lost batches of this computer, and this database is older than they are: what "
        "was in them was taken from the copies kept here, and goes out again");
    take_in(std::vector<Pulled>(pulled.begin(), pulled.begin() + static_cast<std::ptrdiff_t>(i)));
    if (!put_off_ && base_->cursor() == place) take_in_kept(branch);
    return true;
  }
  return false;
}

// A batch of ours that our database does not know: the database is older than it was.
void SyncRun::take_in_kept(const std::vector<Pulled>& kept) {
  for (const Pulled& entry : kept) {
    if (entry.header.incarnation != incarnation_ || is_own(entry.header)) continue;
    log::warning("the database is older than a batch of its own: taken for a restored one");
    take_new_incarnation("restored");
  }
  take_in(kept);
}

// What was left with a fork, and what lost its place when the computer stopped right then, has gone
// out again by now. A database that is restored later must not take it for forgotten work.
void SyncRun::forget_left() {
  const bool all_went_out =
      result_.status == RunStatus::kSuccess && local_->get_meta("compare_all").empty();
  if (!all_went_out) return;
  for (const DirEntry& file : env_.local.list(paths_.spool)) {
    const Seq seq = seq_of_spool_file(file.name);
    if (seq.value == 0 || seq > base_->cursor().seq) continue;
    const auto known = base_->place_of(seq);
    if (!known || spool_path(*known).filename() == from_utf8(file.name)) continue;
    const auto entry = read_kept(paths_.spool / file.name);
    if (entry && is_own(entry->header)) env_.local.remove(entry->file);
  }
}

// In the transaction that goes back: the database has all that is in them.
void SyncRun::note_left(const Cursor& common) {
  Cursor at = base_->cursor();
  while (!(at == common)) {
    const auto link = base_->find_link(at.hash);
    if (!link) return;
    local_->add_intent(link->uuid, at.seq, now_ms());
    at = Cursor{Seq{at.seq.value - 1}, link->prev};
  }
}

}  // namespace tidesync
