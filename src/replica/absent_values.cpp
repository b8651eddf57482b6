#include "replica/absent_values.h"

#include <cstdlib>
#include <utility>
#include <vector>

#include "base/text.h"

namespace tidesync {
namespace {

constexpr std::string_view kNote = "absent:";  // + table ":" + key in hex

std::string note_of(std::uint32_t table, std::string_view key) {
  return std::string(kNote) + std::to_string(table) + ":" + to_hex(key);
}

}  // namespace

void AbsentValues::reload() {
  any_ = db_.has_table("tidesync_meta") &&
         db_.get_int("SELECT EXISTS (SELECT 1 FROM tidesync_meta WHERE k GLOB 'absent:*')") != 0;
}

bool AbsentValues::find(std::uint32_t table, std::string_view key, RowImage& row) {
  if (!any_) return false;
  Statement& find = db_.cached("SELECT v FROM tidesync_meta WHERE k = ?1");
  find.bind_text(1, note_of(table, key));
  const bool found = find.step();
  if (found) row = find.get_text(0);
  find.reset();
  return found;
}

void AbsentValues::put(std::uint32_t table, std::string_view key, std::string_view row) {
  any_ = true;
  db_.cached("INSERT OR REPLACE INTO tidesync_meta (k, v) VALUES (?1, ?2)")
      .bind_text(1, note_of(table, key))
      .bind_blob(2, row)
      .run();
}

void AbsentValues::forget(std::uint32_t table, std::string_view key) {
  if (!any_) return;
  db_.cached("DELETE FROM tidesync_meta WHERE k = ?1").bind_text(1, note_of(table, key)).run();
}

void AbsentValues::for_each(
    const std::function<void(std::uint32_t table, const KeyImage& key)>& visit) {
  if (!any_) return;
  std::vector<std::pair<std::uint32_t, KeyImage>> found;
  Statement rows = db_.prepare("SELECT k FROM tidesync_meta WHERE k GLOB 'absent:*'");
  while (rows.step()) {
    const std::string note = rows.get_text(0);
    const std::size_t colon = note.find(':', kNote.size());
    if (colon == std::string::npos) continue;
    const auto table = std::strtoul(note.c_str() + kNote.size(), nullptr, 10);
    found.emplace_back(static_cast<std::uint32_t>(table), from_hex(note.substr(colon + 1)));
  }
  for (const auto& [table, key] : found) visit(table, key);
}

}  // namespace tidesync
