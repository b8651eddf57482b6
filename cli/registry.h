// The databases that this user syncs: for commands without --db and for `now --all`. init and join
// add, leave removes, people may edit.
//
// A plain UTF-8 file `databases` in the user's configuration folder, an absolute path a line; lines
// that are no absolute path are left alone. It is replaced in one step and by one process at a
// time. A sync of a database that is named never needs it.
#pragma once

#include <string>
#include <vector>

#include "sync/environment.h"

namespace tidesync {

class Registry {
 public:
  // `folder` is made when it is needed; empty: this user has none, nothing is listed or kept.
  Registry(Environment& env, const Path& folder);

  // In the order they were added. Throws Error when the file is there and cannot be read.
  std::vector<Path> databases() const;
  bool contains(const Path& database) const;
  // Each says what hindered it, "" when nothing did; they do not throw. A path that cannot stand on
  // a line (a line break in it, no UTF-8) is not listed.
  std::string add(const Path& database);
  std::string remove(const Path& database);

  const Path& file() const { return file_; }

 private:
  std::vector<std::string> lines() const;
  template <typename Change>
  std::string change(Change change);

  Environment& env_;
  Path folder_;
  Path file_;
};

}  // namespace tidesync
