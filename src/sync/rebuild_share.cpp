#include "sync/rebuild_share.h"

#include "base/log.h"
#include "base/process_lock.h"
#include "base/text.h"
#include "replica/base.h"
#include "replica/local.h"
#include "share/archive.h"
#include "share/batch_file.h"
#include "sqlite/transaction.h"
#include "sync/config.h"
#include "sync/log_reader.h"
#include "sync/session.h"
#include "sync/setup_parts.h"
#include "sync/snapshot_finder.h"

namespace tidesync {
namespace {

// The batches between the base copy and the database, newest first, as far as they are kept here.
std::vector<Cursor> kept_between(FileSystem& local, const LocalPaths& paths, const Cursor& from,
                                 const Cursor& to) {
  std::vector<Cursor> between;
  for (Cursor at = to; !(at == from) && at.seq > from.seq;) {
    between.push_back(at);
    try {
      const BatchReader reader(local, spool_file(paths, at));
      at = {Seq{at.seq.value - 1}, reader.header().prev};
    } catch (const Error& error) {
      log::warning(std::string("a batch is not kept here: ") + error.what());
      return {};
    }
    if (at.seq == from.seq && !(at == from)) return {};
  }
  return between;
}

// A run that was stopped between its two commits left the base copy behind the database. A sync
// folds it forward, but needs the share for that; the batches themselves are kept here.
void fold_forward(FileSystem& local, const LocalPaths& paths, Base& base, const Cursor& target) {
  const auto between = kept_between(local, paths, base.cursor(), target);
  for (auto at = between.rbegin(); at != between.rend(); ++at) {
    BatchReader reader(local, spool_file(paths, *at));
    const BatchHeader& header = reader.header();
    Transaction transaction(base.db(), Transaction::Kind::kImmediate);
    base.fold(header, {*at, header.prev, header.uuid, header.node.value, reader.file_size()},
              reader, FoldDirection::kForward);
    transaction.commit();
  }
}

void require_whole_state(const Path& database, Local& local, Base& base) {
  const bool same_place =
      local.is_attached() && base.cursor() == local.cursor() && base.cursor().seq.value > 0;
  if (same_place && base.adds_up()) return;
  if (same_place) {
    throw Error(ErrorCode::kDiverged, "make the share again", to_utf8(database),
                "its base copy was changed by somebody or by a bad disk: nobody could read a share "
                "made of it",
                "Nothing was changed. Use another computer of the fleet for it.");
  }
  throw Error(ErrorCode::kDiverged, "make the share again", to_utf8(database),
              "this computer does not have the whole state: its base copy and its database are not "
              "at the same batch",
              "Nothing was changed. Use another computer of the fleet for it.");
}

// A dataset that works must not be touched. Asked first of all: a try that was stopped after the
// share was made may have left the base copy behind the database, which an ordinary sync settles.
void require_not_there(Dataset& dataset, Archive& archive, const Uuid& share_id) {
  try {
    dataset.open(share_id);
  } catch (const Error& error) {
    log::debug(std::string("no dataset there: ") + error.what());
    return;
  }
  if (archive.log_folders().empty() && !archive.read_floor()) return;
  throw Error(ErrorCode::kAlreadyExists, "make the share again", to_utf8(dataset.root()),
              "the dataset is there already; it is untouched",
              "Write this folder as share into config.toml and run: tidesync now");
}

// What an earlier try left may be taken over.
void create_or_go_on(Dataset& dataset, Archive& archive, const std::string& tool,
                     const Dataset::Birth& birth) {
  try {
    dataset.create(tool, birth);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kAlreadyExists) throw;
    require_not_there(dataset, archive, birth.share_id);
    dataset.open(birth.share_id);
    log::info("going on with a share that was made half");
  }
}

void put_state(Environment& env, Dataset& dataset, Archive& archive, const LocalPaths& paths,
               Base& base, const NodeId& node) {
  const SnapshotNote note = put_snapshot_of(env, dataset, paths, base, node, env.clock.now_ms());
  // Last: from here on the share says that nothing before this is missing.
  archive.raise_floor(
      {base.cursor().seq.next(), base.cursor().hash, note.name, node.value, env.clock.now_ms()});
}

}  // namespace

SetupResult rebuild_share(Environment& env, const RebuildOptions& options, Steps* steps) {
  const LocalPaths paths(options.database);
  const Config config = read_config(env.local, paths.config);
  SetupResult result;
  {
    const auto lock = ProcessLock::try_acquire(paths.lock, "held by tidesync init");
    if (!lock) {
      throw Error(ErrorCode::kAlreadyRunning, "make the share again", to_utf8(options.database),
                  "a sync of this database is running", "Run it again when the sync has finished.");
    }
    setup::make_local_folders(env, paths);
    Local local(options.database, config.patience_ms);
    Base base(paths.base);
    Dataset dataset(env.share, options.share, env.clock, env.random, config.node);
    Archive archive(env.share, dataset, env.random);
    if (local.is_attached()) require_not_there(dataset, archive, local.get_meta("share_id"));
    if (local.is_attached()) fold_forward(env.local, paths, base, local.cursor());
    require_whole_state(options.database, local, base);
    result.warnings = setup::check_share_folder(env, options.share);
    Dataset::Birth birth;
    birth.share_id = local.get_meta("share_id");
    birth.raced_names = options.raced_names;
    create_or_go_on(dataset, archive, env.tool, birth);
    put_state(env, dataset, archive, paths, base, config.node);
    set_config_text(env.local, paths.config, "share", to_utf8(options.share));
    result.share_id = birth.share_id;
  }
  result.node = config.node;
  result.user = config.user;
  SyncOptions sync_options;
  sync_options.steps = steps;
  result.sync = sync_now(env, options.database, sync_options);
  result.seq = result.sync.seq_after;
  return result;
}

}  // namespace tidesync
