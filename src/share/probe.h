// Tries out on the share itself what a sync relies on: that a file can be written and read back,
// that a name is given once and to one only, that a file is replaced by rename. Everything happens
// in tmp/, under names that begin with "probe-", and is removed again; what a killed probe left is
// removed by the next one an hour later.
//
// A probe finds out what a store cannot do. That two computers never win the same name it cannot
// prove from one of them: see share_check.h for the kinds of mounts that are refused anyway.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/random.h"
#include "share/dataset.h"

namespace tidesync {

struct ProbeOptions {
  // Only this primitive; otherwise links, and folders if links do not work.
  std::optional<PublishPrimitive> only;
  // The race: so many threads for each of so many names. No names: no race and no threads.
  unsigned threads = 4;
  unsigned names = 0;
};

struct ProbeReport {
  // The primitive that works; nullopt when none does.
  std::optional<PublishPrimitive> primitive;
  std::string link_problem, folder_problem;     // why not; empty when it works or was not tried
  std::string rename_problem;                   // master.db and notes cannot be replaced
  std::string listing_problem;                  // an own new file is not listed at once
  std::uint64_t raced_names = 0;                // names that several threads wanted
  std::uint64_t removed = 0;                    // leftovers of killed probes
  std::uint64_t operations = 0;                 // on the share, all together
  std::optional<std::int64_t> clock_offset_ms;  // the share's clock minus ours
};

inline constexpr unsigned kRacedNames = 8;

// Writes to the folder tmp/ of `root`, made again if it is gone. Throws, having removed its files:
// kReadOnly, kNoPermission, kDiskFull, kShareUnreachable, kNotFound and kIo, with a hint; kDamaged
// when the share gives back other bytes than were written.
ProbeReport probe_share(FileSystem& fs, const Path& root, Clock& clock, Random& random,
                        const ProbeOptions& options);

// Throws kUsage when this client cannot publish in the way the dataset's other computers do.
void require_primitive(const ProbeReport& report, PublishPrimitive wanted, const Path& root);

}  // namespace tidesync
