// Which computer this is, to notice that a folder was copied to another one.
#pragma once

#include <string>

namespace tidesync {

// A digest of the installation's id, the same for as long as the system is installed; "" when the
// system has none. Says nothing about the computer to anybody else.
std::string machine_id();

}  // namespace tidesync
