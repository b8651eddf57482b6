// Rows that the application adds to a record just after it moved to another number.
//
// The application may hold a record on the screen: it knows it as quote 501. A sync gives it the
// number 502, because 501 is somebody else's. A line saved a moment later still names 501. What can
// be known is when the record moved and when the line was written: within kFollowMs the line
// follows its record; within kAskMs it stays where it was put, and a conflict asks a person to
// look.
#pragma once

#include <vector>

#include "replica/base.h"
#include "replica/journal.h"
#include "replica/local.h"

namespace tidesync {

inline constexpr std::int64_t kFollowMs = 15 * 1000;
inline constexpr std::int64_t kAskMs = 30 * 60 * 1000;

struct MovedRecord {
  std::uint32_t table = 0;
  KeyImage from, to;
};

// Keeps them in the base copy, with the time; forgets those older than kAskMs. In a transaction on
// the base copy.
void note_moved(Base& base, const std::vector<MovedRecord>& moved, std::int64_t now_ms);
bool has_moved_records(Base& base, std::int64_t now_ms);

struct LateChild {
  std::string conflict_id;
  std::uint32_t table = 0;
  bool followed = false;
};

// Looks at the rows inserted here since. A write transaction is open on the application's database,
// all hints are in scratch; rows that follow get hints.
std::vector<LateChild> land_late_children(Local& local, Base& base, Scratch& scratch,
                                          const Author& me, std::int64_t now_ms);

}  // namespace tidesync
