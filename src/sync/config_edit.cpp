// One value of config.toml is replaced where it stands: comments and all else stay as people wrote
// them.
#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "sync/config_keys.h"
#include "sync/config_parse.h"

namespace tidesync {
namespace {

// Where a position of TOML (line and column from 1, columns in characters) is in the text.
std::size_t offset_of(const std::string& text, const toml::source_position& position) {
  std::size_t at = 0;
  for (std::uint32_t line = 1; line < position.line; ++line) at = text.find('\n', at) + 1;
  for (std::uint32_t column = 1; column < position.column && at < text.size(); ++column) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  }
  return at;
}

[[noreturn]] void refuse(const Path& file, std::string_view key) {
  throw Error(ErrorCode::kUsage, "write configuration", to_utf8(file),
              "the value of " + std::string(key) + " cannot be replaced there",
              "Write it on a line of its own, such as " + std::string(key) + " = \"...\".");
}

std::string read_for_edit(FileSystem& fs, const Path& file) {
  auto text = read_file(fs, file, kMaxConfigBytes);
  if (text) return std::move(*text);
  throw Error(ErrorCode::kNotFound, "write configuration", to_utf8(file), "there is no such file");
}

// The name tells the writers apart: a run of tidesync, which holds the lock of its database, and a
// person's change, which does not wait for a run.
void write_edited(FileSystem& fs, const Path& file, const char* extension,
                  const std::string& text) {
  Path temporary = file;
  temporary += extension;
  replace_file(fs, temporary, file, text);
}

// Puts `value`, as TOML, in the place of the one that `node` was read from.
void replace_value(const Path& file, std::string& text, std::string_view key,
                   const toml::node& node, const std::string& value) {
  const std::size_t begin = offset_of(text, node.source().begin);
  const std::size_t end = offset_of(text, node.source().end);
  if (begin >= end || end > text.size()) refuse(file, key);
  text.replace(begin, end - begin, value);
}

// A line for a key that is not in the file yet: behind the last setting, before the sections.
void insert_value(std::string& text, const toml::table& root, std::string_view key,
                  const std::string& value) {
  std::size_t at = 0;
  for (const auto& [name, node] : root) {
    if (!node.is_table()) at = std::max(at, offset_of(text, node.source().end));
  }
  const std::size_t line_end = text.find('\n', at);
  std::string line = std::string(key) + " = " + value + "\n";
  if (line_end == std::string::npos) {
    text += "\n" + line;
  } else {
    text.insert(line_end + 1, line);
  }
}

}  // namespace

void set_config_text(FileSystem& fs, const Path& file, std::string_view key,
                     const std::string& value) {
  std::string text = read_for_edit(fs, file);
  const toml::table root = parse_toml(file, text);
  const toml::node* node = root.get(key);
  if (node == nullptr || !node->is_string()) refuse(file, key);
  replace_value(file, text, key, *node, quoted(value));
  const toml::table changed = parse_toml(file, text);
  if (changed[key].value_or(std::string()) != value || changed.size() != root.size())
    refuse(file, key);
  write_edited(fs, file, ".new", text);
}

void set_config_value(FileSystem& fs, const Path& file, const std::string& name,
                      const std::string& value) {
  const ConfigKey& key = known_config_key(name);
  Config wanted;
  if (const std::string problem = key.take(value, wanted); !problem.empty()) {
    throw Error(
        ErrorCode::kUsage, "set " + name, to_utf8(file), problem,
        "for example: " + name + " = " + std::string(key.example) + "; nothing was changed");
  }
  std::string text = read_for_edit(fs, file);
  if (!text.empty() && text.back() != '\n') text += '\n';
  const toml::table root = parse_toml(file, text);
  if (const toml::node* node = root.get(name)) {
    replace_value(file, text, name, *node, toml_value(key, value));
  } else {
    insert_value(text, root, name, toml_value(key, value));
  }
  const Config changed = parse_config(file, text);
  if (key.print(changed) != key.print(wanted)) refuse(file, name);
  write_edited(fs, file, ".set", text);
}

}  // namespace tidesync
