#include <fstream>

#include "base/digest.h"
#include "base/machine.h"

namespace tidesync {

std::string machine_id() {
  for (const char* file : {"/etc/machine-id", "/var/lib/dbus/machine-id"}) {
    std::ifstream in(file);
    std::string id;
    if (in >> id && id.size() >= 16) return digest_of("tidesync machine " + id).hex();
  }
  return {};
}

}  // namespace tidesync
