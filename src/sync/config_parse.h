// Parts of reading config.toml that its two halves share: settings (config.cpp) and policies of
// tables (config_policies.cpp). Private to this room, and the only header that knows of TOML.
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sync/config.h"

namespace tidesync {

// One error that names the first line and lists the problems of all.
[[noreturn]] void refuse_config(const Path& file, std::vector<ConfigProblem> problems);
// Throws the error of refuse_config() for text that is no TOML.
toml::table parse_toml(const Path& file, const std::string& text);

// Throws Error kUsage with every problem of the file. `file` is for messages only.
Config parse_config(const Path& file, const std::string& text);
// Throws Error kUsage ("did you mean") when there is no such key.
struct ConfigKey;
const ConfigKey& known_config_key(const std::string& name);

// " (did you mean "interval"?)", or "" when no name is near.
std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& names);
// "a number", "a list": what a person wrote.
std::string_view toml_type_name(const toml::node& node);

// Takes `references` and `[tables.*]` into the configuration. Both keys are left alone by the rest.
inline constexpr std::string_view kReferencesKey = "references";
inline constexpr std::string_view kTablesKey = "tables";
void take_policies(const toml::table& root, Config& config, std::vector<ConfigProblem>& problems);
// The same as text, for write_config().
std::string print_policies(const PolicySet& policies);

}  // namespace tidesync
