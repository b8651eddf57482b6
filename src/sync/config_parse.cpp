#include "sync/config_parse.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace tidesync {
namespace {

// Insertions, deletions and replacements that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& names) {
  const std::string lower = to_lower_ascii(name);
  std::string_view best;
  std::size_t best_distance = 0;
  if (lower.size() > 40) return {};
  for (const std::string_view known : names) {
    const std::size_t distance = edit_distance(lower, known);
    const std::size_t near = std::max<std::size_t>(2, known.size() / 3);
    if (distance > near || distance >= known.size()) continue;
    if (best.empty() || distance < best_distance) {
      best = known;
      best_distance = distance;
    }
  }
  return best.empty() ? std::string() : " (did you mean " + quote_name(best) + "?)";
}

std::string_view toml_type_name(const toml::node& node) {
  if (node.is_string()) return "text";
  if (node.is_boolean()) return "true or false";
  if (node.is_number()) return "a number";
  if (node.is_table()) return "a table";
  if (node.is_array()) return "a list";
  return "a date or time";
}

void refuse_config(const Path& file, std::vector<ConfigProblem> problems) {
  std::stable_sort(problems.begin(), problems.end(),
                   [](const auto& a, const auto& b) { return a.line < b.line; });
  std::string subject = to_utf8(file);
  std::string detail;
  for (const ConfigProblem& problem : problems) {
    const std::string line = problem.line == 0 ? "" : "line " + std::to_string(problem.line);
    if (!detail.empty()) {
      detail += "; " + line + (line.empty() ? "" : ": ");
    } else if (!line.empty()) {
      subject += " " + line;
    }
    detail += problem.text;
  }
  throw Error(ErrorCode::kUsage, "read configuration", subject, detail,
              "correct the file; nothing was synced and nothing is lost");
}

toml::table parse_toml(const Path& file, const std::string& text) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& e) {
    refuse_config(file, {{e.source().begin.line, printable(e.description())}});
  }
}

}  // namespace tidesync
