// machine.json in the folder beside the database: where this node was at home when it last ran, and
// under which incarnations it has published. It tells a copy from the original. Private to this
// room, and to doctor.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "sync/config.h"

namespace tidesync {

struct MachineNote {
  std::string machine;             // base/machine.h; "" when unknown
  std::string database;            // path of the application's database
  std::vector<Uuid> incarnations;  // oldest first; the last 100
  std::string share_unc;  // where the share's drive letter led (Windows); "" when it has none
  Uuid original;          // of what this is a copy of; "" when it is none

  bool had(const Uuid& incarnation) const;
  void add(const Uuid& incarnation);
};

// nullopt when there is none, or none that can be read.
std::optional<MachineNote> read_machine_note(FileSystem& fs, const LocalPaths& paths);
void write_machine_note(FileSystem& fs, const LocalPaths& paths, const MachineNote& note);

}  // namespace tidesync
