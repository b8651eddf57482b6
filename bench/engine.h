// tidesync as its command line uses it: the functions of sync/, with a counted share.
#pragma once

#include <string>

#include "base/random.h"
#include "metered_share.h"
#include "sync/session.h"
#include "sync/setup.h"

namespace tidesync::bench {

// Make one in each process: its random numbers name batches. Throws std::runtime_error when a run
// was not a success.
class Engine {
 public:
  void init(const Path& database, const Path& share, const std::string& node);
  void join(const Path& database, const Path& share, const std::string& node);
  SyncResult sync(const Path& database, const SyncOptions& options = {});

 private:
  DiskFileSystem disk_;
  MeteredShare share_{disk_};
  SystemClock clock_;
  Random random_ = Random::from_system();
  Environment env_{share_, disk_, clock_, random_, "host", "bench", "tidesync bench"};
};

}  // namespace tidesync::bench
