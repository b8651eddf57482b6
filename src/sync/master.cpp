#include "sync/master.h"

#include "base/error.h"
#include "sync/edit_session.h"
#include "sync/master_keeper.h"

namespace tidesync {
namespace {

// A node's files and the share's, as MasterKeeper needs them.
struct MasterSession {
  MasterSession(Environment& env, const Path& database, const std::string& operation)
      : node(env, database, operation),
        dataset(env.share, node.config().share, env.clock, env.random, node.config().node) {
    const DatasetFormat format = dataset.open(node.local().get_meta("share_id"));
    if (format.min_writer > kShareFormatVersion) {
      throw Error(ErrorCode::kTooNew, operation, to_utf8(node.config().share),
                  "it may only be written by a newer version of tidesync",
                  "Update tidesync on this computer.");
    }
    create_directories(env.local, node.paths().staging);
  }
  EditSession node;
  Dataset dataset;
};

}  // namespace

MasterRebuild rebuild_master(Environment& env, const Path& database, bool force) {
  MasterSession session(env, database, "master rebuild");
  EditSession& node = session.node;
  MasterKeeper keeper(env, node.paths(), node.config(), session.dataset, node.base());
  MasterKeeper::RefreshOptions options;
  options.at_once = true;
  options.force = force;
  MasterRebuild result;
  result.refused = keeper.refresh(options) == MasterKeeper::Outcome::kLaterThere;
  result.seq = node.base().cursor().seq;
  result.seq_there = keeper.seq_there();
  result.notes = keeper.notes();
  return result;
}

MasterBackup back_up_master(Environment& env, const Path& database,
                            std::optional<std::uint64_t> keep) {
  MasterSession session(env, database, "master backup");
  EditSession& node = session.node;
  KeepRule rule = parse_keep_rule(node.config().keep_backups).value_or(KeepRule{});
  if (keep) rule.newest = static_cast<std::size_t>(*keep);
  MasterKeeper keeper(env, node.paths(), node.config(), session.dataset, node.base());
  const MasterKeeper::Made made = keeper.back_up(rule);
  return {made.name, node.base().cursor().seq, made.size, made.removed};
}

}  // namespace tidesync
