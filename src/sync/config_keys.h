// The keys of config.toml, one entry each: what is accepted, how it is written, what it means.
// Reading, writing, `tidesync config` and its messages all go by this table. Private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/config.h"

namespace tidesync {

struct ConfigKey {
  enum class Form { kText, kFlag, kNumber };
  std::string_view name;
  Form form;
  bool required;
  std::string_view example;  // as written in the file
  std::string_view
      comment;  // lines above it in a new file, without "# "; "": goes with the one above
  // Takes a value; says what is wrong with it, "" if nothing.
  std::string (*take)(const std::string& text, Config& config);
  std::string (*print)(const Config& config);
};
const std::vector<ConfigKey>& config_keys();
// nullptr when there is no such key.
const ConfigKey* find_config_key(std::string_view name);
// The value as TOML: quoted where the form is text.
std::string toml_value(const ConfigKey& key, const std::string& text);

// "90m" in minutes; nullopt for what is no interval from 1m to 31d.
std::optional<std::int64_t> interval_minutes(const std::string& text);
std::string interval_problem(const std::string& text);

}  // namespace tidesync
