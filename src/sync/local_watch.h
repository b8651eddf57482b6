// Tells when the application has written something that waits to be sent, at next to no cost: the
// file's size and time of change are looked at, and only when they moved the hints of our triggers.
// No connection stays open on the application's database between two calls: an open one would keep
// it from changing the journal mode, and on Windows from replacing the file.
//
// Thread rule: one thread at a time.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/file_system.h"

namespace tidesync {

class LocalWatch {
 public:
  LocalWatch(FileSystem& local, Clock& clock, Path database);

  // Whether there are edits that came after the last sync began. Also true again for the same edits
  // until a sync began. A database that is locked or gone has none, for now.
  bool has_edits();
  // Call right before a sync is started: what is written from here on counts as new.
  void sync_begins();

 private:
  struct Trace {
    std::int64_t database_ms = 0, log_ms = 0;
    std::uint64_t database_bytes = 0, log_bytes = 0;
    bool operator==(const Trace&) const = default;
  };
  Trace read_trace();
  std::int64_t highest_hint();
  bool has_newer_hints();

  FileSystem& local_;
  Clock& clock_;
  Path database_;
  Trace seen_;
  std::int64_t looked_ms_ = 0;    // monotonic
  std::int64_t began_at_ms_ = 0;  // wall
  std::int64_t hint_at_begin_ = 0;
  bool edits_ = false;
};

}  // namespace tidesync
