// Row by row: the database against the base copy. Both sides are added up as they are read; only
// where the sums differ is the first row looked for.
#include "base/text.h"
#include "inspect/row_diff.h"
#include "inspect/verify_parts.h"
#include "sqlite/transaction.h"

namespace tidesync {
namespace {

struct HereSum {
  Digest digest;
  std::uint64_t not_sent = 0;
};

// The rows here, each hinted one as the base copy has it.
HereSum sum_here(TableAccess& here, TableAccess& base, Scratch& hints) {
  const TableShape& shape = here.shape();
  StateDigest sum;
  const bool any_hint = hints.count_hints(shape.id) > 0;
  Statement rows = here.scan();
  while (rows.step()) {
    const RowImage row = here.image_of(rows);
    if (any_hint && hints.find_hint(shape.id, key_of(shape, row))) continue;
    sum.add_row(shape.name, row);
  }
  HereSum result;
  RowImage mine;
  RowImage theirs;
  hints.for_each_hint(shape.id, [&](const Hint& hint) {
    const bool is_here = here.read(hint.key, mine);
    const bool is_there = base.read(hint.key, theirs);
    if (is_there) sum.add_row(shape.name, theirs);
    const bool same = is_here == is_there && (!is_here || mine == theirs);
    result.not_sent += same ? 0 : 1;
  });
  result.digest = sum.value();
  return result;
}

void compare_here(Verification& it, const TableShape& shape, Scratch& hints,
                  TableVerdict& verdict) {
  TableAccess& here = it.local.table(shape.id);
  TableAccess& base = it.base.table(shape.id);
  const HereSum sum = sum_here(here, base, hints);
  verdict.here = sum.digest;
  verdict.not_sent = sum.not_sent;
  if (verdict.here == verdict.base) return;
  const auto row = first_difference(
      base, here, [&](const KeyImage& key) { return hints.find_hint(shape.id, key).has_value(); });
  const std::string which = row ? row->table + ", " + row->key : shape.name;
  it.difference(
      which + ": the row here is not the one that was synced, and no trigger has noticed a change",
      it.base_is_sound
          ? "If the row here is right, run tidesync now --compare-all: it is sent. If it is not, "
            "put the old values back first."
          : "The base copy is the one that is wrong, see above.",
      row);
}

void verify_base_sum(Verification& it, const StateDigest& total) {
  if (total.value() == it.base.state()) return;
  it.base_is_sound = false;
  it.difference(
      "base.db: its rows do not add up to the state that it says it has: it was changed "
      "by somebody, or is damaged",
      "Run tidesync now --check-log: " + to_utf8(it.paths.base) + " is made anew from the share.");
}

const TableShape* find_here(Verification& it, std::uint32_t id) {
  for (const TableShape& shape : it.local.shapes()) {
    if (shape.id == id) return &shape;
  }
  return nullptr;
}

}  // namespace

std::optional<RowDiff> first_difference(TableAccess& a, TableAccess& b, const SkipKey& skip) {
  const TableShape& shape = a.shape();
  RowImage other;
  Statement rows = a.scan();
  while (rows.step()) {
    const RowImage row = a.image_of(rows);
    const KeyImage key = key_of(shape, row);
    const bool found = b.read(key, other);
    if ((found && other == row) || skip(key)) continue;
    return describe_row(shape, key, &row, found ? &other : nullptr);
  }
  Statement others = b.scan();
  while (others.step()) {
    const RowImage row = b.image_of(others);
    const KeyImage key = key_of(shape, row);
    if (a.read(key, other) || skip(key)) continue;
    return describe_row(shape, key, nullptr, &row);
  }
  return std::nullopt;
}

Digest digest_of_table(TableAccess& table, std::uint64_t& rows) {
  StateDigest sum;
  Statement all = table.scan();
  for (rows = 0; all.step(); ++rows) sum.add_row(table.shape().name, table.image_of(all));
  return sum.value();
}

void verify_here(Verification& it) {
  it.local.set_absent_values(it.base.row_lookup(), it.base.exact_lookup());
  it.local.use_shapes(it.base.shapes());
  Transaction snapshot(it.local.db(), Transaction::Kind::kDeferred);
  Scratch hints;
  it.local.load_hints(0, hints);
  StateDigest total;
  for (const TableShape& shape : it.base.shapes()) {
    TableVerdict verdict;
    verdict.table = shape.name;
    verdict.base = digest_of_table(it.base.table(shape.id), verdict.rows);
    total.add(StateDigest::from(verdict.base));
    it.report.tables.push_back(std::move(verdict));
  }
  verify_base_sum(it, total);
  std::size_t done = 0;
  for (const TableShape& shape : it.base.shapes()) {
    TableVerdict& verdict = it.report.tables[done++];
    it.reached(Step::kScan, done, it.base.shapes().size());
    const TableShape* here = find_here(it, shape.id);
    verdict.is_here = here != nullptr;
    if (here) compare_here(it, *here, hints, verdict);
  }
}

}  // namespace tidesync
