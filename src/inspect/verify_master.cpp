// master.db: copied to this disk first, and opened only when the copy has the digest that
// master.json gives. It is a file that anybody may have written.
#include "base/text.h"
#include "inspect/verify_parts.h"
#include "share/archive.h"
#include "share/layout.h"
#include "share/notes.h"
#include "sync/log_reader.h"

namespace tidesync {
namespace {

constexpr const char* kMakeAnew =
    "Run tidesync master rebuild, or wait for the next sync that changes something: master.db is "
    "only a copy, no computer reads it to sync.";

Digest digest_of_copy(FileSystem& fs, const Path& file) {
  const auto handle = fs.open_read(file);
  Hasher hasher;
  std::string chunk(std::size_t{1} << 20, '\0');
  while (const std::size_t got = handle ? handle->read(chunk.data(), chunk.size()) : 0)
    hasher.update(std::string_view(chunk).substr(0, got));
  return hasher.digest();
}

// The note and the file are replaced one after the other: a difference may pass.
std::optional<MasterNote> fetch_master(Verification& it, const Path& copy) {
  constexpr int kLooks = 3;
  constexpr std::int64_t kPauseMs = 500;
  std::string problem;
  for (int look = 1; look <= kLooks; ++look) {
    if (look > 1) it.env.clock.sleep_ms(kPauseMs);
    it.env.local.remove(copy);
    const auto parsed = read_master_note(*it.dataset);
    const bool present =
        it.dataset->fetch_copy(layout::kMasterFile, it.env.local, copy, kMaxSnapshotBytes);
    if (!parsed || !present) {
      it.remark(present ? "master.json is missing" : "master.db is not there", kMakeAnew);
      return std::nullopt;
    }
    if (!parsed->note) {
      problem = "master.json cannot be read: " + parsed->problem;
    } else if (it.env.local.stat(copy)->size != parsed->note->size ||
               digest_of_copy(it.env.local, copy) != parsed->note->digest) {
      problem = "master.db is not the file that master.json describes: somebody changed it";
    } else {
      return parsed->note;
    }
  }
  it.difference(problem, kMakeAnew);
  return std::nullopt;
}

// What the log says the rows add up to after that batch; nullopt when it cannot be told from here.
std::optional<Digest> state_in_log(Verification& it, Seq seq) {
  if (seq == it.base.cursor().seq) return it.base.state();
  if (seq > it.base.cursor().seq || seq.value == 0) return std::nullopt;
  const auto links = it.base.last_links(it.base.cursor().seq.value - seq.value + 1);
  if (links.empty() || links.back().at.seq != seq) return std::nullopt;
  LogReader reader(it.env, it.paths, it.config, it.dataset->format().share_id);
  std::optional<Digest> state;
  reader.read(links.back().at, [&](BatchReader& batch) { state = batch.header().post_state; });
  return state;
}

void compare_tables(Verification& it, Database& master, const MasterNote& note) {
  const bool same_batch = note.seq == it.base.cursor().seq;
  StateDigest total;
  for (std::size_t i = 0; i < it.base.shapes().size(); ++i) {
    const TableShape& shape = it.base.shapes()[i];
    it.reached(Step::kScan, i + 1, it.base.shapes().size());
    TableAccess table = TableAccess::of_share(master, shape);
    std::uint64_t rows = 0;
    const Digest digest = digest_of_table(table, rows);
    total.add(StateDigest::from(digest));
    if (!same_batch) continue;
    TableVerdict& verdict = it.report.tables[i];
    verdict.master = digest;
    if (digest == verdict.base) continue;
    const auto row =
        first_difference(it.base.table(shape.id), table, [](const KeyImage&) { return false; });
    const std::string which = row ? row->table + ", " + row->key : shape.name;
    it.difference(
        which + ": the row in master.db is not the one in the base copy",
        it.base_is_sound ? kMakeAnew : "The base copy is the one that is wrong, see above.", row);
  }
  if (total.value() == note.state) return;
  it.difference("master.db: its rows do not add up to the state that master.json gives", kMakeAnew);
}

}  // namespace

void verify_master(Verification& it) {
  const ScratchFile copy = it.scratch_file("master");
  const auto note = fetch_master(it, copy.path());
  if (!note) return;
  it.report.seq_in_master = note->seq;
  try {
    Database master = Database::open_untrusted(copy.path());
    compare_tables(it, master, *note);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInterrupted) throw;
    it.difference(std::string("master.db cannot be read: ") + error.detail(), kMakeAnew);
    return;
  }
  const auto state = state_in_log(it, note->seq);
  if (state && *state != note->state) {
    it.difference("master.db says that it holds batch " + std::to_string(note->seq.value) +
                      ", and the log says other rows",
                  kMakeAnew);
  } else if (note->seq > it.base.cursor().seq) {
    it.remark("master.db holds batch " + std::to_string(note->seq.value) +
                  ", which this computer has not brought in: its rows were not compared",
              "Run tidesync now, then tidesync verify.");
  }
}

}  // namespace tidesync
