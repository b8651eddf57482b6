// What is on the share: the log, as far as a listing and the newest entry tell, and the copies and
// leftovers beside it.
#include <algorithm>

#include "base/text.h"
#include "inspect/doctor_parts.h"
#include "share/archive.h"
#include "share/layout.h"
#include "share/notes.h"
#include "sync/hole.h"

namespace tidesync {
namespace {

constexpr std::uint64_t kTailEntries = 64;
constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;
constexpr std::int64_t kSilentMs = 7 * kDayMs;
constexpr std::int64_t kOldStagingMs = 2 * kDayMs;

std::string batches(std::uint64_t number) {
  return with_thousands(number) + (number == 1 ? " batch" : " batches");
}

void check_tail(Examination& it, const std::vector<EntryInfo>& listed) {
  const auto floor = Archive(it.env.share, *it.dataset, it.env.random).read_floor();
  std::vector<std::string> missing;
  for (const ChainLink& link : it.base->last_links(kTailEntries)) {
    if (floor && link.at.seq < floor->seq) continue;
    const auto found = std::find_if(listed.begin(), listed.end(),
                                    [&](const EntryInfo& e) { return e.seq == link.at.seq; });
    const bool whole =
        found != listed.end() && (found->is_directory || found->size == link.file_size);
    if (!whole) missing.push_back(std::to_string(link.at.seq.value));
  }
  if (missing.empty()) return;
  it.problem(
      "log", "missing or cut off on the share: batch " + join(missing, ", "),
      "Run tidesync now on each computer: one that has a copy puts it back. If none has, run "
      "tidesync now --accept-hole here: nothing is lost, this computer has all that was in "
      "it.");
}

bool check_head(Examination& it, const std::vector<EntryInfo>& listed) {
  const Cursor& head = it.base->cursor();
  for (const EntryInfo& entry : listed) {
    if (entry.seq != head.seq) continue;
    const auto hash = it.dataset->read_entry_hash(entry);
    if (hash && *hash == head.hash) return true;
    it.problem("log",
               "batch " + std::to_string(head.seq.value) +
                   " on the share is not the one that was taken in here",
               "Run tidesync now: it goes back to the last batch in common and sends again what "
               "was done here.");
    return false;
  }
  const auto floor = Archive(it.env.share, *it.dataset, it.env.random).read_floor();
  if (floor && head.seq < floor->seq) {
    it.warning("log",
               "this computer was away for longer than batches are kept: the share begins with "
               "batch " +
                   std::to_string(floor->seq.value),
               "Run tidesync now: it merges with a snapshot of the share.");
  }
  return head.seq.value == 0;
}

void tell_unread(Examination& it, const std::vector<EntryInfo>& listed) {
  const Seq here = it.base->cursor().seq;
  std::uint64_t unread = 0;
  Seq newest = here;
  for (const EntryInfo& entry : listed) {
    unread += entry.seq > here ? 1 : 0;
    newest = std::max(newest, entry.seq);
  }
  std::string text =
      "newest is batch " + std::to_string(newest.value) + ", the last ones are whole";
  if (unread > 0) text += "; " + batches(unread) + " of others not brought in yet";
  it.ok("log", text);
}

// True when it was told.
bool tell_hole(Examination& it, const std::vector<EntryInfo>& listed) {
  auto hole = find_hole(listed, it.base->cursor().seq);
  if (!hole) return false;
  const auto floor = Archive(it.env.share, *it.dataset, it.env.random).read_floor();
  if (floor && hole->missing < floor->seq) return false;  // a snapshot has it
  ask_for_holders(*it.dataset, *hole);
  it.problem("log", hole_text(*hole) + ": they cannot come in, and nothing goes out from here",
             hole_advice(*hole));
  return true;
}

void check_master(Examination& it) {
  const auto info = it.env.share.stat(it.config->share / layout::kMasterFile);
  const auto parsed = read_master_note(*it.dataset);
  if (!info || !parsed) {
    it.warning("master", info ? "master.json is missing" : "master.db is not there",
               "The next sync that changes something makes it.");
    return;
  }
  if (!parsed->note) {
    it.warning("master", "master.json cannot be read: " + parsed->problem,
               "The next sync that changes something writes it anew.");
    return;
  }
  const MasterNote& note = *parsed->note;
  const std::string text =
      "holds batch " + std::to_string(note.seq.value) + ", " + display_size(info->size);
  if (note.size != info->size) {
    it.warning("master",
               text + ", but master.json says " + display_size(note.size) +
                   ": somebody changed it, or it is being replaced",
               "Run tidesync verify. Never edit master.db: it is overwritten.");
  } else {
    it.ok("master", text);
  }
}

void check_nodes(Examination& it) {
  const auto nodes = read_node_notes(*it.dataset);
  std::size_t seen = 0;
  for (const ListedNode& listed : nodes) {
    const std::string& name = listed.node.value;
    if (!listed.parsed.note) {
      it.warning("nodes", "the note of " + name + " cannot be read: " + listed.parsed.problem,
                 "That computer writes it anew with its next sync.");
      continue;
    }
    if (listed.parsed.note->retired) continue;
    ++seen;
    const std::int64_t age_ms = it.env.clock.now_ms() - listed.parsed.note->at_ms;
    if (age_ms > kSilentMs) {
      it.warning("nodes", name + " has not synced for " + std::to_string(age_ms / kDayMs) + " days",
                 "Look after that computer. If it is gone for good: tidesync nodes retire.");
    }
  }
  it.ok("nodes",
        std::to_string(seen) + (seen == 1 ? " computer" : " computers") + " on this share");
}

void check_staging(Examination& it) {
  std::uint64_t old_ones = 0;
  std::uint64_t looked_at = 0;
  constexpr std::uint64_t kMostLooks = 50;
  const Path folder = it.config->share / layout::kStagingFolder;
  for (const DirEntry& entry : it.env.share.list(folder)) {
    if (++looked_at > kMostLooks) break;
    const auto info = it.env.share.stat(folder / entry.name);
    old_ones += info && it.env.clock.now_ms() - info->modified_ms > kOldStagingMs ? 1 : 0;
  }
  if (old_ones > 0) {
    it.warning("staging",
               std::to_string(old_ones) +
                   " old files in tmp/ on the share, left by runs "
                   "that were stopped",
               "Nothing has to be done; they may be deleted.");
  } else {
    it.ok("staging", "no leftovers on the share");
  }
}

void check_quarantine(Examination& it) {
  std::uint64_t files = 0;
  for (const DirEntry& entry : it.env.share.list(it.config->share / layout::kQuarantineFolder)) {
    // Beside each lies a .txt that says why. Folders of the log that were retired are no batches.
    const auto seq = layout::parse_entry_name(entry.name.substr(0, entry.name.find('-')));
    files += seq && !entry.name.ends_with(".txt") ? 1 : 0;
  }
  if (files == 0) {
    it.ok("quarantine", "empty");
    return;
  }
  it.warning("quarantine",
             std::to_string(files) + (files == 1 ? " batch was" : " batches were") +
                 " moved aside on the share: damaged, or published too late",
             "The .txt beside each says why. When tidesync verify finds nothing on any computer, "
             "they may be deleted.");
}

}  // namespace

void examine_log(Examination& it) {
  if (!it.base) return;
  it.attempt("log", [&] {
    const std::size_t before = it.report.checks.size();
    const auto listed = it.dataset->list_entries(it.base->cursor().seq, kTailEntries);
    check_tail(it, listed);
    if (it.report.checks.size() > before || !check_head(it, listed)) return;
    if (!tell_hole(it, listed)) tell_unread(it, listed);
  });
}

void examine_copies(Examination& it) {
  it.attempt("master", [&] { check_master(it); });
  it.attempt("nodes", [&] { check_nodes(it); });
  it.attempt("staging", [&] { check_staging(it); });
  it.attempt("quarantine", [&] { check_quarantine(it); });
}

}  // namespace tidesync
