// The share is lost for good: one node puts what it knows on an empty folder, as the same dataset.
#pragma once

#include "sync/environment.h"
#include "sync/setup.h"

namespace tidesync {

struct RebuildOptions {
  Path database;
  Path share;  // empty, or left half made by an earlier try
  unsigned raced_names = 0;
};

// Makes the dataset again with its old identity: a snapshot of this node's base copy, and a floor
// just above it. Then syncs. A node that is behind takes the snapshot; one that is ahead puts its
// newer batches back from its own copies; nobody loses edits. Throws Error kAlreadyExists when the
// dataset is there, kDiverged when base copy and database are not at the same place and the batches
// between them are not kept here.
SetupResult rebuild_share(Environment& env, const RebuildOptions& options, Steps* steps = nullptr);

}  // namespace tidesync
