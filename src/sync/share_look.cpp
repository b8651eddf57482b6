#include "sync/share_look.h"

#include <algorithm>

#include "base/error.h"
#include "replica/local.h"
#include "sync/node_config.h"

namespace tidesync {

ShareLook::ShareLook(Environment& env, const Path& database) : env_(env) {
  config_ = read_node_config(env, LocalPaths(database));
  Local local(database, static_cast<int>(config_.patience_ms));
  share_id_ = local.get_meta("share_id");
  known_ = local.cursor().seq;
  dataset_ =
      std::make_unique<Dataset>(env.share, config_.share, env.clock, env.random, config_.node);
}

ShareLook::~ShareLook() = default;

ShareLook::Sight ShareLook::look() {
  try {
    if (!open_) dataset_->open(share_id_);
    open_ = true;
    const auto listed = dataset_->list_entries(known_, 1);
    // An empty answer may come from a mount point whose share has gone.
    if (listed.empty() && known_.value > 0) dataset_->open(share_id_);
    for (const EntryInfo& entry : listed) known_ = std::max(known_, entry.seq);
    return {true, known_};
  } catch (const Error&) {
    open_ = false;
    return {};
  }
}

}  // namespace tidesync
