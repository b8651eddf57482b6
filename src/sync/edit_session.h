// What a command needs to edit rows between two syncs: the lock of this database, its configuration
// and both databases. The share is not asked. Private to this room.
#pragma once

#include <memory>
#include <string>

#include "base/process_lock.h"
#include "replica/base.h"
#include "replica/local.h"
#include "sync/config.h"
#include "sync/environment.h"

namespace tidesync {

class EditSession {
 public:
  // Throws Error kAlreadyRunning while a sync runs, kNotFound when the database is no node, kSchema
  // when its tables are not the share's.
  EditSession(Environment& env, const Path& database, const std::string& operation);

  const LocalPaths& paths() const { return paths_; }
  const Config& config() const { return config_; }
  Local& local() { return *local_; }
  Base& base() { return *base_; }
  // The name that others read; the node's when the user has none.
  const std::string& user() const {
    return config_.user.empty() ? config_.node.value : config_.user;
  }
  // Throws kUsage, naming the synced tables, when this is none.
  const TableShape& table(const std::string& name, const std::string& operation);

 private:
  LocalPaths paths_;
  Config config_;
  std::unique_ptr<ProcessLock> lock_;
  std::unique_ptr<Local> local_;
  std::unique_ptr<Base> base_;
};

}  // namespace tidesync
