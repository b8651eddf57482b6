// Who made a version, and when, as far as it can be told.
#include <algorithm>

#include "merge/effective_time.h"
#include "replica/applier.h"

namespace tidesync {
namespace {

// A row that a join found on the share without a time has this one.
constexpr std::int64_t kNobodyKnowsMs = 1;

ValueView stamp_of(const TableShape& shape, const RowImage* row) {
  if (!row || !shape.updated_at) return ValueView::null();
  return decode_image(*row).at(*shape.updated_at);
}

}  // namespace

Author Applier::mine_author(const TableShape& shape, const KeyImage& key, const RowImage* base,
                            const RowImage* mine) {
  Author author = context_.me;
  Edit edit{{}, {}, time_of_hint(shape.id, key)};
  // A change that nobody saw (a join adopts the row) is as old as the row itself says.
  const bool seen = scratch_.find_hint(shape.id, key).has_value();
  const bool stamped = parse_stamp(stamp_of(shape, mine)).has_value();
  if (!seen && stamped) edit.captured_ms = context_.now_ms;
  if (mine) {
    edit.old_stamp = stamp_of(shape, base);
    edit.new_stamp = stamp_of(shape, mine);
  }
  const EffectiveTime time = effective_time(edit, context_.now_ms, context_.utc_offset);
  author.at_ms = time.at_ms + context_.clock_offset_ms;
  author.uncertain = time.clamped || (!seen && !stamped);
  return author;
}

// A time that is still to come was given by a clock that ran ahead.
Author Applier::author_of(const ColumnStamp& stamp) const {
  Author author = context_.batch_authors.at(stamp.batch);
  const std::int64_t latest_ms = context_.now_ms + context_.clock_offset_ms + kStampToleranceMs;
  author.at_ms = std::min(stamp.at_ms, latest_ms);
  author.uncertain = stamp.at_ms > latest_ms || stamp.at_ms <= kNobodyKnowsMs;
  return author;
}

Author Applier::theirs_author(const Touched& touched) const {
  Author author;
  if (!touched.stamps.empty()) {
    author = author_of(touched.stamps.back());
    // The newest change of the row, whatever the order in which batches brought them.
    for (const ColumnStamp& stamp : touched.stamps) {
      const Author other = author_of(stamp);
      if (other.at_ms <= author.at_ms) continue;
      author.at_ms = other.at_ms;
      author.uncertain = other.uncertain;
    }
  }
  return author;
}

std::int64_t Applier::time_of_hint(std::uint32_t table, const KeyImage& key) {
  const auto hint = scratch_.find_hint(table, key);
  return hint ? hint->at_ms : context_.unknown_time_ms;
}

}  // namespace tidesync
