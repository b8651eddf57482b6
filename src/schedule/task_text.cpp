#include "schedule/task_text.h"

#include "base/error.h"
#include "base/text.h"

namespace tidesync {
namespace {

bool is_name_character(char c) {
  return (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_control(char c) {
  return (c >= 0 && c < 0x20) || c == 0x7F;
}

// The character that begins at `at` in valid UTF-8, which is moved behind it.
char32_t next_character(std::string_view utf8, std::size_t& at) {
  const auto first = static_cast<unsigned char>(utf8[at++]);
  if (first < 0x80) return first;
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  char32_t character = first & (0x3F >> more);
  for (int i = 0; i < more; ++i)
    character = character << 6 | (static_cast<unsigned char>(utf8[at++]) & 0x3F);
  return character;
}

void put_utf16(std::string& out, char32_t unit) {
  out += static_cast<char>(unit & 0xFF);
  out += static_cast<char>(unit >> 8 & 0xFF);
}

}  // namespace

std::string fill_template(std::string_view text, const std::map<std::string, std::string>& values) {
  std::string filled;
  while (!text.empty()) {
    const std::size_t begin = text.find('@');
    filled += text.substr(0, begin);
    if (begin == std::string_view::npos) break;
    std::size_t end = begin + 1;
    while (end < text.size() && is_name_character(text[end])) ++end;
    const std::string name(text.substr(begin + 1, end - begin - 1));
    const auto value = values.find(name);
    if (end == text.size() || text[end] != '@' || value == values.end())
      throw Error(ErrorCode::kInternal, "fill a template", name, "it has no value");
    filled += value->second;
    text.remove_prefix(end + 1);
  }
  return filled;
}

std::vector<std::string> run_arguments(const Task& task, bool with_delay) {
  std::vector<std::string> words{"now", "--unattended"};
  if (with_delay && task.times().second() > 0) {
    words.emplace_back("--delay");
    words.push_back(std::to_string(task.times().second()) + "s");
  }
  words.emplace_back("--db");
  words.push_back(to_utf8(task.database));
  return words;
}

std::string database_name(const Task& task) {
  return printable(to_utf8(task.database.filename()));
}

std::string systemd_word(std::string_view word, bool is_program) {
  std::string out = "\"";
  const bool raw = is_valid_utf8(word);
  for (const char c : word) {
    if (c == '%') {
      out += "%%";
    } else if (c == '$') {
      out += is_program ? "$" : "$$";
    } else if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (is_control(c) || (c < 0 && !raw)) {
      out += "\\x" + to_hex({&c, 1});
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string systemd_text(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) out += c == '%' ? std::string("%%") : std::string(1, c);
  // A backslash at the end would take the next line in.
  return !out.empty() && out.back() == '\\' ? out + '.' : out;
}

std::string crontab_word(std::string_view word) {
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'') {
      out += "'\\''";
    } else if (c == '%') {
      out += "'\"$(printf '\\045')\"'";
    } else if (c == '\\') {
      out += "'\"$(printf '\\134')\"'";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string xml_text(std::string_view text) {
  std::string out;
  for (const char c : is_valid_utf8(text) ? std::string(text) : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '\n':
      case '\r':
      case '\t':
        out += "&#" + std::to_string(c) + ";";
        break;
      default:
        if (is_control(c)) {
          out += "\xEF\xBF\xBD";
        } else {
          out += c;
        }
    }
  }
  return out;
}

std::string windows_word(std::string_view word) {
  if (!word.empty() && word.find_first_of(" \t\n\v\"") == std::string_view::npos)
    return std::string(word);
  std::string out = "\"";
  std::size_t backslashes = 0;
  for (const char c : word) {
    // Backslashes count only before a quote; there each must be doubled.
    if (c == '"') out += std::string(backslashes + 1, '\\');
    backslashes = c == '\\' ? backslashes + 1 : 0;
    out += c;
  }
  return out + std::string(backslashes, '\\') + '"';
}

std::string utf16_file(std::string_view utf8) {
  std::string out("\xFF\xFE", 2);
  for (std::size_t at = 0; at < utf8.size();) {
    const char32_t character = next_character(utf8, at);
    if (character == '\n') put_utf16(out, '\r');
    if (character < 0x10000) {
      put_utf16(out, character);
    } else {
      put_utf16(out, 0xD800 + ((character - 0x10000) >> 10));
      put_utf16(out, 0xDC00 + ((character - 0x10000) & 0x3FF));
    }
  }
  return out;
}

std::string number_list(const std::vector<int>& numbers, const char* all, int digits) {
  if (numbers.empty()) return all;
  std::vector<std::string> words;
  for (const int number : numbers) {
    std::string word = std::to_string(number);
    while (static_cast<int>(word.size()) < digits) word.insert(0, "0");
    words.push_back(word);
  }
  return join(words, ",");
}

}  // namespace tidesync
