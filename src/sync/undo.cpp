#include "sync/undo.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "sqlite/transaction.h"
#include "sync/log_reader.h"
#include "sync/undo_apply.h"

namespace tidesync {
namespace {

constexpr const char* kOperation = "undo";

struct Run {
  std::string id, node, user, timestamp;
  std::uint64_t seq_before = 0, seq_after = 0;
};

void check_prefix(const std::string& prefix) {
  const bool is_hex = prefix.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!prefix.empty() && is_hex) return;
  throw Error(ErrorCode::kUsage, kOperation, prefix,
              "the id of a run is made of the digits 0-9 and a-f",
              "tidesync history --all lists the runs");
}

Run find_run(Database& db, const std::string& text) {
  constexpr std::size_t kListed = 10;
  const std::string prefix = to_lower_ascii(text);
  check_prefix(prefix);
  Statement rows = db.prepare(
      "SELECT run_id, node, user, timestamp, seq_before, seq_after FROM sync_log"
      " WHERE run_id GLOB ?1 || '*' ORDER BY timestamp DESC LIMIT " +
      std::to_string(kListed + 1));
  rows.bind_text(1, prefix);
  std::vector<Run> found;
  while (rows.step()) {
    found.push_back({rows.get_text(0), rows.get_text(1), rows.get_text(2), rows.get_text(3),
                     static_cast<std::uint64_t>(rows.get_int(4)),
                     static_cast<std::uint64_t>(rows.get_int(5))});
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    throw Error(ErrorCode::kNotFound, kOperation, prefix, "no run here has this id",
                "tidesync history --all lists them. A run of another computer is known here once "
                "that computer has synced again.");
  }
  std::vector<std::string> names;
  for (const Run& run : found) {
    if (names.size() == kListed) break;
    names.push_back(run.id.substr(0, 12) + " (" + run.node + ", " + run.timestamp + ")");
  }
  if (found.size() > kListed) names.emplace_back("and more");
  throw Error(ErrorCode::kUsage, kOperation, prefix, "several runs begin so: " + join(names, ", "),
              "Give more digits of the id.");
}

// Oldest first: all that a run of this node took in and published, or what another node's
// published.
std::vector<ChainLink> batches_of(EditSession& session, const Run& run) {
  const Seq head = session.base().cursor().seq;
  if (run.seq_after > head.value) {
    throw Error(ErrorCode::kNotFound, kOperation, run.id.substr(0, 8),
                "batch " + std::to_string(run.seq_after) + " has not been brought in here yet",
                "Nothing was changed. Run tidesync now first.");
  }
  const bool own = run.node == session.config().node.value;
  std::vector<ChainLink> batches;
  for (const ChainLink& link : session.base().last_links(head.value)) {
    if (link.at.seq.value > run.seq_after || link.at.seq.value <= run.seq_before) continue;
    if (own || (link.node == run.node && link.at.seq.value == run.seq_after))
      batches.push_back(link);
  }
  std::reverse(batches.begin(), batches.end());
  if (!batches.empty() && batches.front().at.seq.value == 1) {
    throw Error(ErrorCode::kGuard, kOperation, run.id.substr(0, 8),
                "this run brought in the first batch, which holds everything there was",
                "Nothing was changed. To take this database out of the fleet: tidesync leave");
  }
  return batches;
}

void read_batches(LogReader& reader, const std::vector<ChainLink>& batches, Local& local,
                  UndoEffects& effects) {
  for (const ChainLink& link : batches) {
    if (reader.read(link.at, [&](BatchReader& batch) { effects.add(batch, local); })) continue;
    const std::string name = "batch " + std::to_string(link.at.seq.value);
    const std::string why =
        reader.share_was_read() ? "the share does not have it" : reader.share_problem();
    throw Error(ErrorCode::kShareUnreachable, kOperation, name, "it is not kept here, and " + why,
                "Nothing was changed. Try again when the share is back.");
  }
}

}  // namespace

std::uint64_t UndoResult::rows() const {
  std::uint64_t sum = 0;
  for (const auto& [name, table] : tables)
    sum += table.updated + table.deleted + table.brought_back;
  return sum;
}

UndoResult undo_run(Environment& env, const Path& database, const UndoOptions& options) {
  EditSession session(env, database, kOperation);
  const Run run = find_run(session.local().db(), options.run);
  UndoResult result;
  result.run_id = run.id;
  result.node = run.node;
  result.user = run.user;
  result.timestamp = run.timestamp;
  result.dry_run = options.dry_run;
  const auto batches = batches_of(session, run);
  for (const ChainLink& link : batches) result.batches.push_back(link.at.seq.value);
  UndoEffects effects;
  LogReader reader(env, session.paths(), session.config(), session.local().get_meta("share_id"));
  // Before the transaction: no application waits while the share is read.
  read_batches(reader, batches, session.local(), effects);
  if (!effects.left_out().empty()) {
    const std::set<std::string>& names = effects.left_out();
    throw Error(ErrorCode::kSchema, kOperation, join({names.begin(), names.end()}, ", "),
                "the run changed rows of a table that this computer does not sync now",
                "Nothing was changed. tidesync status says why; undo it on another computer, or "
                "when the table is synced again.");
  }
  Transaction transaction(session.local().db(), Transaction::Kind::kImmediate);
  UndoApplier(session, options, env.clock.now_ms(), result).apply(effects);
  if (!options.dry_run && !result.refused) transaction.commit();
  if (result.refused) {
    result.tables.clear();
    result.edits.clear();
  }
  return result;
}

}  // namespace tidesync
