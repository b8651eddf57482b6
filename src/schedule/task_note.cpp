#include "schedule/task_note.h"

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace tidesync {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::string_view kMark = "tidesync-schedule ";
constexpr int kVersion = 1;

// Names on POSIX are any bytes, JSON is UTF-8. No absolute path begins so.
constexpr std::string_view kHex = "hex:";

std::string bytes_as_text(const std::string& bytes) {
  return is_valid_utf8(bytes) ? bytes : std::string(kHex) + to_hex(bytes);
}

std::string text_as_bytes(const std::string& text) {
  return text.rfind(kHex, 0) == 0 ? from_hex(std::string_view(text).substr(kHex.size())) : text;
}

std::optional<Task> parse_note(std::string_view text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!json.is_object()) return std::nullopt;
  try {
    if (json.at("version").get<int>() != kVersion) return std::nullopt;
    Task task;
    task.database = from_utf8(text_as_bytes(json.at("database")));
    task.program = from_utf8(text_as_bytes(json.at("program")));
    task.node = json.at("node");
    task.account = json.at("account");
    task.every_minutes = json.at("every_minutes");
    task.at_logon = json.at("at_logon");
    task.on_idle = json.at("on_idle");
    task.always = json.at("always");
    if (task.every_minutes < 1) return std::nullopt;
    return task;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

std::string print_note(const Task& task) {
  const Json json{{"version", kVersion},
                  {"every_minutes", task.every_minutes},
                  {"at_logon", task.at_logon},
                  {"on_idle", task.on_idle},
                  {"always", task.always},
                  {"node", task.node},
                  {"account", printable(task.account)},
                  {"program", bytes_as_text(to_utf8(task.program))},
                  {"database", bytes_as_text(to_utf8(task.database))}};
  constexpr bool kAscii = true;
  const std::string text = json.dump(-1, ' ', kAscii);
  std::string note(kMark);
  // Only inside strings: none of these stands anywhere else in such an object.
  for (const char c : text) {
    const bool second_hyphen = c == '-' && note.back() == '-';
    if (c == '<' || c == '>' || c == '&' || second_hyphen) {
      note += "\\u00" + to_hex({&c, 1});
    } else {
      note += c;
    }
  }
  return note;
}

std::optional<Task> find_note(std::string_view text) {
  for (std::size_t at = text.find(kMark); at != std::string_view::npos;
       at = text.find(kMark, at + 1)) {
    const std::string_view rest = text.substr(at + kMark.size());
    const std::string_view line = rest.substr(0, rest.find_first_of("<\r\n"));
    const std::size_t end = line.rfind('}');
    if (end == std::string_view::npos) continue;
    if (auto task = parse_note(line.substr(0, end + 1))) return task;
  }
  return std::nullopt;
}

}  // namespace tidesync
