#include "sync/session.h"

#include "sync/sync_run.h"

namespace tidesync {

SyncResult sync_now(Environment& env, const Path& database, const SyncOptions& options) {
  return SyncRun(env, database, options).run();
}

}  // namespace tidesync
