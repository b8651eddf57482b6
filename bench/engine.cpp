#include "engine.h"

#include <stdexcept>

namespace tidesync::bench {
namespace {

void expect(const SyncResult& result) {
  if (result.status == RunStatus::kSuccess) return;
  std::string why = result.error ? result.error->what() : "";
  for (const std::string& note : result.notes) why += "\n" + note;
  throw std::runtime_error("tidesync: " + why);
}

}  // namespace

void Engine::init(const Path& database, const Path& share, const std::string& node) {
  InitOptions options;
  options.database = database;
  options.share = share;
  options.node = options.user = node;
  expect(init_dataset(env_, options).sync);
}

void Engine::join(const Path& database, const Path& share, const std::string& node) {
  JoinOptions options;
  options.database = database;
  options.share = share;
  options.node = options.user = node;
  expect(join_dataset(env_, options).sync);
}

SyncResult Engine::sync(const Path& database, const SyncOptions& options) {
  SyncResult result = sync_now(env_, database, options);
  expect(result);
  return result;
}

}  // namespace tidesync::bench
