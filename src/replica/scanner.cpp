#include "replica/scanner.h"

#include "base/mutation.h"

namespace tidesync {

void Scanner::for_each_difference(const TableShape& shape,
                                  const std::function<void(const Difference&)>& visit) {
  TableAccess& here = local_.table(shape.id);
  TableAccess& there = base_.table(shape.id);
  RowImage mine;
  RowImage base;
  scratch_.for_each_hint(shape.id, [&](const Hint& hint) {
    const RowImage* mine_row = here.read(hint.key, mine) ? &mine : nullptr;
    const RowImage* base_row = there.read(hint.key, base) ? &base : nullptr;
    if (!mine_row && !base_row) return;
    if (mine_row && base_row && mine == base) return;
    visit(Difference{hint, mine_row, base_row});
  });
}

void Scanner::compare_table(const TableShape& shape, std::int64_t now_ms) {
  TableAccess& here = local_.table(shape.id);
  TableAccess& there = base_.table(shape.id);
  const auto note = [&](const KeyImage& key, HintKind kind) {
    if (!scratch_.find_hint(shape.id, key))
      scratch_.add_hint(shape.id, key, now_ms, static_cast<int>(kind));
  };
  RowImage base;
  std::uint64_t in_both = 0;
  {
    Statement rows = here.scan();
    while (rows.step()) {
      const RowImage mine = here.image_of(rows);
      const KeyImage key = key_of(shape, mine);
      const bool exists = there.read(key, base);
      in_both += exists ? 1 : 0;
      if (!exists || base != mine) note(key, exists ? HintKind::kUpdated : HintKind::kInserted);
    }
  }
  if (in_both == there.count()) return;
  RowImage mine;
  Statement rows = there.scan();
  while (rows.step()) {
    const KeyImage key = key_of(shape, there.image_of(rows));
    if (!here.read(key, mine)) note(key, HintKind::kDeleted);
  }
}

bool Scanner::counts_agree(const TableShape& shape) {
  if (mutated(Mutation::kNoCountCheck)) return true;
  std::int64_t expected = static_cast<std::int64_t>(base_.table(shape.id).count());
  if (scratch_.count_hints(shape.id) > 0) {
    for_each_difference(shape, [&](const Difference& difference) {
      expected += (difference.mine ? 1 : 0) - (difference.base ? 1 : 0);
    });
  }
  return expected == static_cast<std::int64_t>(local_.table(shape.id).count());
}

}  // namespace tidesync
