#include "replica/gate_rows.h"

#include <algorithm>
#include <set>

namespace tidesync {

void follow_gates(Base& base, Local& local) {
  std::set<std::uint32_t> gated;
  for (const TableGate& gate : local.gates()) {
    gated.insert(gate.id);
    const std::string place = local.gate_place(gate.id);
    if (base.held().from(gate.id) != place && place == text_of(base.cursor()))
      base.held().begin(gate.id, base.cursor());
  }
  for (const TableShape& shape : base.shapes()) {
    if (base.held().holds(shape.id) && gated.count(shape.id) == 0) base.held().end(shape.id);
  }
}

bool gates_are_held(Base& base, Local& local) {
  for (const TableGate& gate : local.gates()) {
    const std::string place = local.gate_place(gate.id);
    if (base.held().from(gate.id) != place && place == text_of(base.cursor())) return false;
  }
  return true;
}

void hold_touched(Base& base, Local& local, const Cursor& before, Scratch& scratch,
                  const std::vector<Author>& authors) {
  for (const TableGate& gate : local.gates()) {
    const std::string place = local.gate_place(gate.id);
    if (base.held().from(gate.id) == place || place != text_of(before)) continue;
    const TableShape* shape = nullptr;
    for (const TableShape& s : base.shapes()) shape = s.id == gate.id ? &s : shape;
    if (!shape) continue;
    base.held().begin(gate.id, before);
    scratch.for_each_touched(gate.id, [&](const Touched& touched) {
      Author author;
      for (const ColumnStamp& stamp : touched.stamps) {
        const std::int64_t newest = std::max(author.at_ms, stamp.at_ms);
        author = authors.at(stamp.batch);
        author.at_ms = newest;
      }
      base.held().keep(*shape, touched.key, touched.base ? &*touched.base : nullptr, author);
    });
  }
}

}  // namespace tidesync
