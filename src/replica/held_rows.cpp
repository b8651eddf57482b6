#include "replica/held_rows.h"

#include <algorithm>
#include <set>

namespace tidesync {
namespace {

constexpr const char* kNote = "held:";  // + table: seq up to which the rows are complete

std::string note_of(std::uint32_t table) {
  return kNote + std::to_string(table);
}

std::string text_of(Seq seq) {
  return std::to_string(seq.value);
}

}  // namespace

void follow_gates(Base& base, const std::vector<TableGate>& gates) {
  std::set<std::string> wanted;
  for (const TableGate& gate : gates) {
    wanted.insert(note_of(gate.id));
    if (base.get_state(note_of(gate.id)).empty())
      base.set_state(note_of(gate.id), text_of(base.cursor().seq));
  }
  std::vector<std::string> over;
  Statement notes = base.db().prepare("SELECT k FROM tidesync_state WHERE k GLOB 'held:*'");
  while (notes.step()) {
    if (wanted.count(notes.get_text(0)) == 0) over.push_back(notes.get_text(0));
  }
  for (const std::string& note : over) {
    base.db().prepare("DELETE FROM tidesync_state WHERE k = ?1").bind_text(1, note).run();
    base.db().exec("DELETE FROM tidesync_held WHERE t = " + note.substr(std::string(kNote).size()));
  }
}

void hold_touched(Base& base, const std::vector<TableGate>& gates, Seq before, Scratch& scratch,
                  const std::vector<Author>& authors) {
  for (const TableGate& gate : gates) {
    if (base.get_state(note_of(gate.id)) != text_of(before)) continue;
    scratch.for_each_touched(gate.id, [&](const Touched& touched) {
      Author author;
      for (const ColumnStamp& stamp : touched.stamps) {
        const std::int64_t newest = std::max(author.at_ms, stamp.at_ms);
        author = authors.at(stamp.batch);
        author.at_ms = newest;
      }
      Statement& keep = base.db().cached(
          "INSERT INTO tidesync_held (t, k, base, at, node, user) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
          " ON CONFLICT (t, k) DO UPDATE SET at = ?4, node = ?5, user = ?6");
      keep.bind(1, std::int64_t{gate.id}).bind_blob(2, touched.key);
      keep.bind(3, touched.base ? ValueView::blob(*touched.base) : ValueView::null());
      keep.bind(4, author.at_ms).bind_text(5, author.node).bind_text(6, author.user).run();
    });
  }
  advance_held(base, gates, before);
}

void advance_held(Base& base, const std::vector<TableGate>& gates, Seq before) {
  for (const TableGate& gate : gates) {
    if (base.get_state(note_of(gate.id)) == text_of(before))
      base.set_state(note_of(gate.id), text_of(base.cursor().seq));
  }
}

bool held_is_complete(Base& base, std::uint32_t table) {
  return base.get_state(note_of(table)) == text_of(base.cursor().seq);
}

void for_each_held(Base& base, std::uint32_t table,
                   const std::function<void(const HeldRow&)>& visit) {
  Statement rows = base.db().prepare(
      "SELECT k, base, at, node, user FROM tidesync_held WHERE t = ?1 ORDER BY k");
  rows.bind(1, std::int64_t{table});
  while (rows.step()) {
    HeldRow held;
    held.key = rows.get_text(0);
    if (!rows.column(1).is_null()) held.base = rows.get_text(1);
    held.theirs.at_ms = rows.get_int(2);
    held.theirs.node = rows.get_text(3);
    held.theirs.user = rows.get_text(4);
    visit(held);
  }
}

}  // namespace tidesync
