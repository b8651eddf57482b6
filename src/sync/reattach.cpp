#include "sync/reattach.h"

#include "base/error.h"
#include "base/log.h"
#include "replica/catalog.h"
#include "replica/policies.h"
#include "sync/session.h"
#include "sync/setup_parts.h"

namespace tidesync {
namespace {

void refuse_other_name(const JoinOptions& options, const NodeId& node) {
  if (options.node.empty() || options.node == node.value) return;
  throw Error(ErrorCode::kUsage, "join", to_utf8(options.database),
              "this database is the node " + node.value + " already",
              "Leave --node out. To give it another name afterwards: tidesync nodes rename " +
                  node.value + " " + options.node);
}

}  // namespace

SetupResult reattach_dataset(Environment& env, const JoinOptions& options, Steps* steps) {
  const LocalPaths paths(options.database);
  Config config;
  config.share = options.share;
  SetupResult result;
  {
    Local local(options.database, config.patience_ms);
    config.node = NodeId{local.get_meta("node")};
    refuse_other_name(options, config.node);
    config.user = options.user.empty() ? local.get_meta("user") : options.user;
    config.policies = policies_noted(local);
    result.share_id = local.get_meta("share_id");
  }
  setup::check_share_folder(env, options.share);
  Dataset(env.share, options.share, env.clock, env.random, config.node).open(result.share_id);
  log::info("the folder beside the database is made anew");
  setup::make_local_folders(env, paths);
  write_config(env.local, paths.config, config);
  SyncOptions sync_options;
  sync_options.steps = steps;
  result.sync = sync_now(env, options.database, sync_options);
  result.node = config.node;
  result.user = config.user;
  result.seq = result.sync.seq_after;
  result.reattached = true;
  Local local(options.database, config.patience_ms);
  Base base(paths.base);
  std::vector<TableChoice> chosen;
  const auto catalog = read_catalog(local.db());
  for (const TableChoice& choice : catalog) {
    if (base.find_shape(choice.name)) chosen.push_back(choice);
  }
  result.tables =
      setup::report_tables(local.db(), catalog, chosen, "left out: not part of the share");
  return result;
}

}  // namespace tidesync
