#include "replica/index_sql.h"

#include "base/text.h"

namespace tidesync {
namespace {

// Where the quoted text, name or comment that begins at `at` ends; `at` itself when none begins.
std::size_t skip_quoted(std::string_view sql, std::size_t at) {
  const auto behind = [&](std::string_view end, std::size_t from) {
    const std::size_t found = sql.find(end, from);
    return found == std::string_view::npos ? sql.size() : found + end.size();
  };
  switch (sql[at]) {
    case '\'':
    case '"':
    case '`':
      // A doubled quote is the end of one text and the beginning of another: the same to us.
      return behind(sql.substr(at, 1), at + 1);
    case '[':
      return behind("]", at + 1);
    case '-':
      return sql.substr(at, 2) == "--" ? behind("\n", at) : at;
    case '/':
      return sql.substr(at, 2) == "/*" ? behind("*/", at + 2) : at;
    default:
      return at;
  }
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\f";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kSpace) - first + 1));
}

std::string without_direction(std::string_view text) {
  const std::string term = trimmed(text);
  const std::string lower = to_lower_ascii(term);
  for (const std::string_view word : {"asc", "desc"}) {
    if (lower.size() <= word.size() || !lower.ends_with(word)) continue;
    const char before = lower[lower.size() - word.size() - 1];
    // A letter, digit or underscore before it: the end of a longer name.
    if (before == ' ' || before == ')' || before == '\t' || before == '\n' || before == '"')
      return trimmed(std::string_view(term).substr(0, term.size() - word.size()));
  }
  return term;
}

}  // namespace

IndexSql parse_index_sql(std::string_view sql) {
  IndexSql parsed;
  int depth = 0;
  std::size_t term = 0;
  for (std::size_t at = 0; at < sql.size();) {
    const std::size_t behind = skip_quoted(sql, at);
    if (behind != at) {
      at = behind;
      continue;
    }
    const char c = sql[at++];
    if (c == '(' && ++depth == 1) term = at;
    if ((c == ',' && depth == 1) || (c == ')' && depth == 1)) {
      parsed.terms.push_back(without_direction(sql.substr(term, at - 1 - term)));
      term = at;
    }
    if (c != ')' || --depth > 0) continue;
    const std::string rest = trimmed(sql.substr(at));
    if (to_lower_ascii(rest.substr(0, 5)) == "where") parsed.where = trimmed(rest.substr(5));
    break;
  }
  return parsed;
}

}  // namespace tidesync
