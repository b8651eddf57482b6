// The log: its newest entries by their ends, the newest one against the state of the base copy, and
// on request every byte from the beginning.
#include <map>

#include "base/log.h"
#include "base/text.h"
#include "inspect/verify_parts.h"
#include "share/archive.h"
#include "share/batch_file.h"
#include "sqlite/transaction.h"
#include "sync/log_reader.h"

namespace tidesync {
namespace {

constexpr std::uint64_t kTailEntries = 64;

std::string batch(Seq seq) {
  return "batch " + std::to_string(seq.value);
}

// Who can repair an entry: this computer if it has a copy, else first of all its author.
std::string who_heals(Verification& it, const ChainLink& link) {
  if (it.env.local.stat(spool_file(it.paths, link.at)))
    return "Run tidesync now --check-log here: it is put back from this computer's copy.";
  return "Run tidesync now --check-log on " + link.node +
         ", which published it; any computer that has a copy puts it back.";
}

void check_trailer(Verification& it, const ChainLink& link, const EntryInfo& entry) {
  std::string fault;
  try {
    const auto hash = it.dataset->read_entry_hash(entry);
    if (hash && *hash == link.at.hash) return;
    if (hash) {
      it.difference(batch(link.at.seq) + " on the share is another one than was taken in here",
                    "Run tidesync now: it goes back to the last batch in common and sends again "
                    "what was done here.");
      return;
    }
    fault = "it is missing on the share";
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDamaged) throw;
    fault = error.detail();
  }
  it.difference(batch(link.at.seq) + ": " + fault, who_heals(it, link));
}

Seq floor_of(Verification& it) {
  const auto floor = Archive(it.env.share, *it.dataset, it.env.random).read_floor();
  return floor ? floor->seq : Seq{1};
}

void check_tail(Verification& it, const std::vector<EntryInfo>& listed) {
  std::map<Seq, const EntryInfo*> present;
  for (const EntryInfo& entry : listed) present[entry.seq] = &entry;
  const Seq floor = floor_of(it);
  for (const ChainLink& link : it.base.last_links(kTailEntries)) {
    if (link.at.seq < floor) continue;
    const auto found = present.find(link.at.seq);
    if (found == present.end()) {
      it.difference(batch(link.at.seq) + ": it is missing on the share", who_heals(it, link));
    } else {
      check_trailer(it, link, *found->second);
    }
  }
}

void check_head_state(Verification& it) {
  const Cursor head = it.base.cursor();
  if (head.seq.value == 0) return;
  LogReader reader(it.env, it.paths, it.config, it.dataset->format().share_id);
  std::optional<Digest> state;
  try {
    reader.read(head, [&](BatchReader& entry) { state = entry.header().post_state; });
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDamaged) throw;  // told of by the check of the tail
  }
  if (!state || *state == it.base.state()) return;
  it.base_is_sound = false;
  it.difference("base.db: " + batch(head.seq) + " in the log says that its rows add up to others",
                "Move " + to_utf8(it.paths.base) +
                    " away and run tidesync now: it is made anew from the share.");
}

std::unique_ptr<BatchReader> read_own_copy(Verification& it, const ChainLink& link) {
  try {
    auto reader = std::make_unique<BatchReader>(it.env.local, spool_file(it.paths, link.at));
    if (reader->hash() == link.at.hash) return reader;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound && error.code() != ErrorCode::kDamaged) throw;
  }
  return nullptr;
}

// The entry whole, from the share; from here where that is damaged. nullptr: nowhere. `known`: the
// link of the entry if this node has taken it in.
std::unique_ptr<BatchReader> read_whole(Verification& it, const EntryInfo& entry,
                                        const ChainLink* known, const Path& copy) {
  std::string fault;
  it.env.local.remove(copy);
  try {
    if (it.dataset->fetch_entry(entry, it.env.local, copy)) {
      auto reader = std::make_unique<BatchReader>(it.env.local, copy);
      ++it.report.entries_read;
      if (!known || reader->hash() == known->at.hash) return reader;
      fault = "it is another one than was taken in here";
    } else {
      fault = "it is missing on the share";
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDamaged) throw;
    ++it.report.entries_read;
    fault = error.detail();
  }
  it.difference(batch(entry.seq) + ": " + fault,
                known ? who_heals(it, *known)
                      : "Run tidesync now --check-log on the other computers: one that has "
                        "a copy puts it back.");
  return known ? read_own_copy(it, *known) : nullptr;
}

bool fold_entry(Verification& it, Base& state, BatchReader& reader, Seq seq) {
  const BatchHeader header = reader.header();
  if (header.share_id != it.dataset->format().share_id || header.seq != seq ||
      !(header.prev == state.cursor().hash)) {
    it.difference(batch(seq) + ": it does not continue the log",
                  "Run tidesync now: it is moved "
                  "aside.");
    return false;
  }
  try {
    Transaction transaction(state.db(), Transaction::Kind::kImmediate);
    state.fold(
        header,
        {{seq, reader.hash()}, header.prev, header.uuid, header.node.value, reader.file_size()},
        reader, FoldDirection::kForward);
    transaction.commit();
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDiverged && error.code() != ErrorCode::kSchema &&
        error.code() != ErrorCode::kDamaged)
      throw;
    it.difference(batch(seq) + ": it does not fit what is before it: " + error.what(),
                  "Keep the share as it is, and ask for help: this should not be possible.");
    return false;
  }
}

// The oldest snapshot where the log no longer begins with its first entry; else nothing.
void load_start(Verification& it, Base& state) {
  const Seq floor = floor_of(it);
  if (floor.value <= 1) return;
  Archive archive(it.env.share, *it.dataset, it.env.random);
  auto names = archive.list_snapshots();
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    const auto note = archive.read_snapshot(*name);
    if (!note || note->seq.next() < floor) continue;
    const ScratchFile file = it.scratch_file("snapshot");
    if (!archive.fetch_snapshot(*note, it.env.local, file.path())) continue;
    Database snapshot = Database::open_untrusted(file.path());
    Transaction transaction(state.db(), Transaction::Kind::kImmediate);
    state.take_snapshot(snapshot, {note->seq, note->hash}, note->state);
    transaction.commit();
    it.remark("the log on the share begins with batch " + std::to_string(floor.value) +
                  ": it was added up from the snapshot of batch " + std::to_string(note->seq.value),
              "Nothing has to be done.");
    return;
  }
}

void compare_states(Verification& it, Base& state) {
  if (!(state.cursor() == it.base.cursor()) || state.state() == it.base.state()) return;
  it.difference("base.db: the whole log adds up to other rows",
                "Move " + to_utf8(it.paths.base) +
                    " away and run tidesync now: it is made anew from the share.");
}

// The digests say that all is well, or that base.db says of itself what is not so: then the first
// row in which it differs from the log is worth knowing.
void compare_rows(Verification& it, Base& state) {
  if (!(state.cursor() == it.base.cursor()) || it.base_is_sound) return;
  for (const TableShape& shape : it.base.shapes()) {
    if (!state.find_shape(shape.name)) continue;
    const auto row = first_difference(state.table(shape.id), it.base.table(shape.id),
                                      [](const KeyImage&) { return false; });
    if (!row) continue;
    it.difference(row->table + ", " + row->key + ": the row in base.db is not the one in the log",
                  "Move base.db away and run tidesync now: it is made anew from the share.", row);
    return;
  }
}

}  // namespace

void verify_log(Verification& it) {
  it.reached(Step::kListShare);
  const auto listed = it.dataset->list_entries(it.base.cursor().seq, kTailEntries);
  it.report.seq_on_share = it.base.cursor().seq;
  for (const EntryInfo& entry : listed)
    it.report.seq_on_share = std::max(*it.report.seq_on_share, entry.seq);
  check_tail(it, listed);
  check_head_state(it);
}

bool replay_log(Verification& it, Base& state, Seq last) {
  std::map<Seq, ChainLink> known;
  for (const ChainLink& link : it.base.last_links(it.base.cursor().seq.value))
    known.emplace(link.at.seq, link);
  const ScratchFile copy = it.scratch_file("entry");
  std::map<Seq, EntryInfo> listed;
  while (state.cursor().seq < last) {
    const Seq seq = state.cursor().seq.next();
    it.reached(Step::kPull, seq.value, last.value);
    if (listed.count(seq) == 0) {
      for (const EntryInfo& entry : it.dataset->list_entries(state.cursor().seq, 0))
        listed[entry.seq] = entry;
    }
    const auto link = known.find(seq);
    const auto at = listed.find(seq);
    const auto reader = read_whole(it, at == listed.end() ? EntryInfo{seq} : at->second,
                                   link == known.end() ? nullptr : &link->second, copy.path());
    if (!reader || !fold_entry(it, state, *reader, seq)) return false;
  }
  return true;
}

void verify_whole_log(Verification& it) {
  const ScratchFile file = it.scratch_file("replay");
  Base state(file.path());
  load_start(it, state);
  if (replay_log(it, state, it.base.cursor().seq)) {
    compare_states(it, state);
    compare_rows(it, state);
    // What others have published since is read as well.
    if (it.report.seq_on_share) replay_log(it, state, *it.report.seq_on_share);
  }
}

}  // namespace tidesync
