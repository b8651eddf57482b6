#include "replica/scanner.h"

#include <algorithm>

#include "base/mutation.h"
#include "replica/row_stream.h"

namespace tidesync {
namespace {

std::int64_t number_of(const KeyImage& key) {
  return ValueReader(key).next().integer;
}

}  // namespace

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
  const Note note = [&](const KeyImage& key, HintKind kind) {
    if (!scratch_.find_hint(shape.id, key))
      scratch_.add_hint(shape.id, key, now_ms, static_cast<int>(kind));
  };
  // What is not here, or in another form, is seen through the base copy: both are read for one row.
  if (shape.key_kind == KeyKind::kSurrogate && !here.sees_through()) {
    compare_by_number(here, there, note);
  } else {
    compare_by_key(here, there, note);
  }
}

void Scanner::compare_by_key(TableAccess& here, TableAccess& there, const Note& note) {
  RowImage base;
  std::uint64_t in_both = 0;
  {
    Statement rows = here.scan();
    while (rows.step()) {
      const RowImage mine = here.image_of(rows);
      const KeyImage key = key_of(here.shape(), mine);
      const bool exists = there.read(key, base);
      in_both += exists ? 1 : 0;
      if (!exists || base != mine) note(key, exists ? HintKind::kUpdated : HintKind::kInserted);
    }
  }
  if (in_both == there.count()) return;
  RowImage mine;
  Statement rows = there.scan();
  while (rows.step()) {
    const KeyImage key = key_of(there.shape(), there.image_of(rows));
    if (!here.read(key, mine)) note(key, HintKind::kDeleted);
  }
}

void Scanner::compare_by_number(TableAccess& here, TableAccess& there, const Note& note) {
  RowStream base_rows(there);
  Statement rows = here.scan_by_number();
  std::string mine;
  std::string_view base;
  const auto next_mine = [&] {
    mine.clear();
    const bool found = rows.step();
    if (found) here.append_image(rows, mine);
    return found;
  };
  bool has_mine = next_mine();
  bool has_base = base_rows.next(base);
  while (has_mine || has_base) {
    if (has_mine && has_base && mine == base) {
      has_mine = next_mine();
      has_base = base_rows.next(base);
      continue;
    }
    const KeyImage my_key = has_mine ? key_of(here.shape(), mine) : KeyImage();
    const KeyImage base_key = has_base ? key_of(there.shape(), base) : KeyImage();
    const bool mine_first = !has_base || (has_mine && number_of(my_key) < number_of(base_key));
    const bool base_first = !has_mine || (has_base && number_of(base_key) < number_of(my_key));
    if (base_first) {
      note(base_key, HintKind::kDeleted);
    } else {
      note(my_key, mine_first ? HintKind::kInserted : HintKind::kUpdated);
    }
    if (!base_first) has_mine = next_mine();
    if (!mine_first) has_base = base_rows.next(base);
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
