// The replica as status and diff look at it: hints loaded, counts checked, nothing written.
// Private to this room.
#pragma once

#include "replica/base.h"
#include "replica/local.h"
#include "replica/scanner.h"
#include "replica/scratch.h"
#include "sqlite/transaction.h"
#include "sync/config.h"
#include "sync/environment.h"
#include "sync/node_config.h"

namespace tidesync {

class ReplicaView {
 public:
  ReplicaView(Environment& env, const Path& database)
      : paths_(database),
        config_(read_node_config(env, paths_)),
        local_(database, config_.patience_ms),
        base_(paths_.base),
        scanner_(local_, base_, scratch_) {
    if (!local_.is_attached()) {
      throw Error(ErrorCode::kNotFound, "read", to_utf8(database), "this database is not synced",
                  "Run tidesync init or tidesync join first.");
    }
    local_.set_absent_values(base_.row_lookup(), base_.exact_lookup());
    local_.use_shapes(base_.shapes());
    snapshot_.emplace(local_.db(), Transaction::Kind::kDeferred);
    local_.load_hints(0, scratch_);
    const bool compare_all = local_.get_meta("compare_all") == "1" || !local_.triggers_are_intact();
    for (const TableShape& shape : local_.shapes()) {
      if (compare_all || !scanner_.counts_agree(shape))
        scanner_.compare_table(shape, env.clock.now_ms());
    }
  }

  const LocalPaths& paths() const { return paths_; }
  const Config& config() const { return config_; }
  Local& local() { return local_; }
  Base& base() { return base_; }
  Scanner& scanner() { return scanner_; }

 private:
  LocalPaths paths_;
  Config config_;
  Local local_;
  Base base_;
  Scratch scratch_;
  Scanner scanner_;
  std::optional<Transaction> snapshot_;
};

}  // namespace tidesync
