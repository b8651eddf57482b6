#include "replica/search_index.h"

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"

namespace tidesync {
namespace {

constexpr const char* kNote = "search_index:";  // + name, in tidesync_meta

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// The value of content= in the text of a virtual table: 'x', "x", [x] or x.
std::string content_of(const std::string& sql) {
  const std::string lower = to_lower_ascii(sql);
  for (std::size_t at = lower.find("content"); at != std::string::npos;
       at = lower.find("content", at + 1)) {
    std::size_t next = at + 7;
    while (next < sql.size() && is_space(sql[next])) ++next;
    if (next >= sql.size() || sql[next] != '=') continue;  // content_rowid, or a column's name
    ++next;
    while (next < sql.size() && is_space(sql[next])) ++next;
    if (next >= sql.size()) return {};
    const char first = sql[next];
    if (first == '\'' || first == '"' || first == '[') {
      const char last = first == '[' ? ']' : first;
      const std::size_t end = sql.find(last, next + 1);
      return end == std::string::npos ? std::string() : sql.substr(next + 1, end - next - 1);
    }
    const std::size_t end = sql.find_first_of(",) \t\r\n", next);
    return sql.substr(next, end == std::string::npos ? end : end - next);
  }
  return {};
}

}  // namespace

std::vector<SearchIndex> list_search_indexes(Database& db) {
  std::vector<SearchIndex> indexes;
  Statement rows = db.prepare(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND (sql LIKE '%using%fts5%' OR"
      " sql LIKE '%using%fts4%') AND sql LIKE 'create virtual%'");
  while (rows.step()) {
    SearchIndex index{rows.get_text(0), content_of(rows.get_text(1))};
    if (!index.content.empty()) indexes.push_back(std::move(index));
  }
  return indexes;
}

void note_search_indexes_due(Local& local, const std::set<std::uint32_t>& tables) {
  for (const SearchIndex& index : list_search_indexes(local.db())) {
    for (const std::uint32_t table : tables) {
      if (to_lower_ascii(local.table(table).shape().name) == to_lower_ascii(index.content))
        local.set_meta(kNote + index.name, "due");
    }
  }
}

bool search_indexes_are_due(Local& local) {
  return local.db().get_int(
             "SELECT EXISTS (SELECT 1 FROM tidesync_meta WHERE k GLOB 'search_index:*')") != 0;
}

std::vector<std::string> rebuild_search_indexes(Local& local) {
  std::vector<std::string> failed;
  for (const SearchIndex& index : list_search_indexes(local.db())) {
    if (local.get_meta(kNote + index.name).empty()) continue;
    const std::string name = quote_name(index.name);
    try {
      local.db().exec("INSERT INTO " + name + " (" + name + ") VALUES ('rebuild')");
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kBusy) throw;
      log::warning(error.what());
      failed.push_back(index.name);
    }
  }
  local.db().exec("DELETE FROM tidesync_meta WHERE k GLOB 'search_index:*'");
  return failed;
}

}  // namespace tidesync
