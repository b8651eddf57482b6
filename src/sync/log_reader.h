// The log as this node can read it between syncs: its own copies first, then the share, if that can
// be reached. Every entry is checked as a sync checks it, and read as a stream. Nothing on the
// share or in the spool changes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "replica/base.h"
#include "share/batch_file.h"
#include "share/dataset.h"
#include "sync/config.h"
#include "sync/environment.h"

namespace tidesync {

// Name of the local copy of an entry; and the place that such a name tells, 0 for any other.
Path spool_file(const LocalPaths& paths, const Cursor& at);
Seq seq_of_spool_file(const std::string& name);

class LogReader {
 public:
  // `share_id` of the dataset; another one on the share counts as not reachable.
  LogReader(Environment& env, const LocalPaths& paths, const Config& config, Uuid share_id);
  ~LogReader();

  using Visit = std::function<void(BatchReader&)>;
  // The entry of a link, checked to be that very one. False when it is nowhere, or only on a share
  // that cannot be reached.
  bool read(const Cursor& at, const Visit& visit);
  // The entry that follows `after` on the share; its place, or nullopt when there is none (yet) or
  // it does not continue the lineage.
  std::optional<Cursor> read_next(const Cursor& after, const Visit& visit);

  // Whether the share was asked, and what it said when it could not be reached.
  bool share_was_read() const { return dataset_ != nullptr; }
  const std::string& share_problem() const { return share_problem_; }
  // Tries to reach it; false when it cannot be.
  bool reach_share();

 private:
  std::optional<EntryInfo> find_on_share(Seq seq);
  // A copy of the entry in a file of ours; "" when the share has none.
  Path fetch(Seq seq);

  Environment& env_;
  const LocalPaths& paths_;
  const Config& config_;
  Uuid share_id_;
  std::unique_ptr<Dataset> dataset_;
  bool asked_ = false;
  std::string share_problem_;
  std::vector<EntryInfo> listed_;
  std::optional<Seq> listed_from_;  // all from here on
};

}  // namespace tidesync
