#include <windows.h>

#include <array>

#include "base/digest.h"
#include "base/machine.h"

namespace tidesync {

std::string machine_id() {
  std::array<char, 128> id{};
  DWORD size = static_cast<DWORD>(id.size() - 1);
  const LSTATUS status =
      RegGetValueA(HKEY_LOCAL_MACHINE, "SOFTWARE\\Microsoft\\Cryptography", "MachineGuid",
                   RRF_RT_REG_SZ | RRF_SUBKEY_WOW6464KEY, nullptr, id.data(), &size);
  if (status != ERROR_SUCCESS || id[0] == '\0') return {};
  return digest_of("tidesync machine " + std::string(id.data())).hex();
}

}  // namespace tidesync
