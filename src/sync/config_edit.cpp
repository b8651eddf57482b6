// One value of config.toml is replaced where it stands: comments and all else stay as people wrote
// them.
#include <algorithm>

#include "base/error.h"
#include "base/text.h"
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

}  // namespace

void set_config_text(FileSystem& fs, const Path& file, std::string_view key,
                     const std::string& value) {
  auto text = read_file(fs, file, kMaxConfigBytes);
  if (!text) {
    throw Error(ErrorCode::kNotFound, "write configuration", to_utf8(file),
                "there is no such file");
  }
  const toml::table root = parse_toml(file, *text);
  const toml::node* node = root.get(key);
  if (node == nullptr || !node->is_string()) refuse(file, key);
  const std::size_t begin = offset_of(*text, node->source().begin);
  const std::size_t end = offset_of(*text, node->source().end);
  if (begin >= end || end > text->size()) refuse(file, key);
  text->replace(begin, end - begin, quoted(value));
  const toml::table changed = parse_toml(file, *text);
  if (changed[key].value_or(std::string()) != value || changed.size() != root.size())
    refuse(file, key);
  Path temporary = file;
  temporary += ".new";
  replace_file(fs, temporary, file, *text);
}

}  // namespace tidesync
