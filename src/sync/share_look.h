// One look at the share: is our dataset there, and which is its newest entry. For the process that
// watches it; decides nothing.
//
// Thread rule: one thread at a time. May hang as long as the share does.
#pragma once

#include <memory>

#include "share/dataset.h"
#include "sync/config.h"
#include "sync/environment.h"

namespace tidesync {

class ShareLook {
 public:
  // Throws Error when the database is no node, or its configuration cannot be read.
  ShareLook(Environment& env, const Path& database);
  ~ShareLook();

  struct Sight {
    bool here = false;
    Seq newest;
    bool operator==(const Sight&) const = default;
  };
  // One operation on the share, three when it was away before. Throws nothing of a share.
  Sight look();

 private:
  Environment& env_;
  Config config_;
  Uuid share_id_;
  std::unique_ptr<Dataset> dataset_;
  bool open_ = false;
  Seq known_;
};

}  // namespace tidesync
