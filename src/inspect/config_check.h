// Whether config.toml is right: what it says by itself, and what only this computer knows.
#pragma once

#include <string>
#include <vector>

#include "sync/config.h"
#include "sync/environment.h"

namespace tidesync {

struct ConfigReport {
  Path file;
  std::vector<ConfigProblem> problems;  // a sync refuses the file because of them; by line
  std::vector<std::string> warnings;    // what may be meant: the share is away, tables unknown
};

// Throws Error kNotFound for a database without configuration; changes nothing.
ConfigReport check_config(Environment& env, const Path& database);

}  // namespace tidesync
