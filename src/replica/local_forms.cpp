// What Local remembers of the forms of its tables (local_shapes.cpp says in which notes).
#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "replica/form_notes.h"
#include "replica/local.h"

namespace tidesync {
namespace {

std::string number(std::uint32_t id) {
  return std::to_string(id);
}

}  // namespace

// That changes when the table is made anew, whatever became of our triggers.
std::string Local::made_note(const std::string& table) {
  Statement& find = db_.cached(
      "SELECT sql, rootpage FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE");
  find.bind_text(1, table);
  const std::string note = find.step() ? digest_of(find.get_text(0)).hex().substr(0, 16) + ":" +
                                             std::to_string(find.get_int(1)) + ":" +
                                             std::to_string(db_.schema_version())
                                       : "";
  find.reset();
  return note;
}

std::map<std::string, std::string> Local::form_notes() {
  std::map<std::string, std::string> notes{{"forms", "1"}};
  for (const TableShape& shape : shapes_) {
    std::vector<std::string> names, types;
    for (const ColumnShape& column : shape.columns) {
      if (column.absent) continue;
      names.push_back(line_of(column.name));
      std::string type = column.decl_type;
      std::replace(type.begin(), type.end(), '\n', ' ');
      types.push_back(line_of(column.name) + " " + type);
    }
    notes["types:" + number(shape.id)] = join(types, "\n");
    notes["columns:" + number(shape.id)] = join(names, "\n");
    notes["gated:" + number(shape.id)] = "";
    notes["refused:" + number(shape.id)] = "";
    notes["gone:" + number(shape.id)] = "";
    notes["held_from:" + number(shape.id)] = "";
    notes["made:" + number(shape.id)] = made_note(shape.name);
  }
  for (const TableGate& gate : gates_) {
    const std::string id = number(gate.id);
    notes["gated:" + id] = "1";
    notes["held_from:" + id] = gate_place(gate.id);
    // What was gone once is another column when it is back.
    auto gone = lines_of(get_meta("gone:" + id));
    for (const std::string& column : gate.columns) {
      if (!has_name(gone, column)) gone.push_back(line_of(column));
    }
    if (gate.vanished && std::find(gone.begin(), gone.end(), kWholeTable) == gone.end())
      gone.push_back(kWholeTable);
    notes["gone:" + id] = join(gone, "\n");
  }
  return notes;
}

std::string Local::gate_place(std::uint32_t table) {
  const std::string id = number(table);
  return get_meta("gated:" + id) == "1" ? get_meta("held_from:" + id) : text_of(cursor());
}

std::map<std::uint32_t, std::string> Local::gate_places() {
  std::map<std::uint32_t, std::string> places;
  Statement rows =
      db_.prepare("SELECT substr(k, 7) FROM tidesync_meta WHERE k GLOB 'gated:*' AND v = '1'");
  while (rows.step()) {
    const auto id = static_cast<std::uint32_t>(std::strtoul(rows.get_text(0).c_str(), nullptr, 10));
    places[id] = gate_place(id);
  }
  return places;
}

void Local::move_gates_back(const Cursor& place) {
  for (const auto& [table, from] : gate_places()) {
    if (std::strtoull(from.c_str(), nullptr, 10) > place.seq.value)
      set_meta("held_from:" + number(table), text_of(place));
  }
}

bool Local::forms_have_changed() {
  const auto notes = form_notes();
  return std::any_of(notes.begin(), notes.end(),
                     [&](const auto& note) { return get_meta(note.first) != note.second; });
}

void Local::note_forms() {
  for (const auto& [key, value] : form_notes()) {
    if (get_meta(key) != value) set_meta(key, value);
  }
}

}  // namespace tidesync
