#include "replica/adoption.h"

#include "merge/effective_time.h"

namespace tidesync {
namespace {

// Of a row whose age nobody knows; older than any hint.
constexpr std::int64_t kUnknownAgeMs = 1;

std::int64_t age_of(const TableShape& shape, const RowImage& row) {
  if (!shape.updated_at) return kUnknownAgeMs;
  return parse_stamp(decode_image(row).at(*shape.updated_at)).value_or(kUnknownAgeMs);
}

// Only the key: against such a base every value counts as changed by both sides.
RowImage blank_row(const TableShape& shape, const RowImage& row) {
  std::string null;
  append_value(null, ValueView::null());
  RowImage blank;
  std::size_t i = 0;
  for (const std::string_view part : split_image(row)) {
    bool in_key = false;
    for (const std::size_t key : shape.key) in_key = in_key || key == i;
    blank.append(in_key ? part : std::string_view(null));
    ++i;
  }
  return blank;
}

class Adoption {
 public:
  Adoption(Local& local, Base& base, Scratch& scratch, bool hints_tell)
      : local_(local), base_(base), scratch_(scratch), hints_tell_(hints_tell) {}

  void touch_rows_of_the_share(const TableShape& shape) {
    RowImage mine;
    Statement rows = base_.table(shape.id).scan();
    while (rows.step()) {
      const RowImage theirs = base_.table(shape.id).image_of(rows);
      const KeyImage key = key_of(shape, theirs);
      const bool here = local_.table(shape.id).read(key, mine);
      if (here && mine == theirs) continue;
      touch_row(shape, key, here ? &mine : nullptr, theirs);
    }
  }

  void touch_rows_only_here(const TableShape& shape) {
    if (!hints_tell_) return;
    RowImage ignored;
    Statement rows = local_.table(shape.id).scan();
    while (rows.step()) {
      const RowImage mine = local_.table(shape.id).image_of(rows);
      const KeyImage key = key_of(shape, mine);
      if (base_.table(shape.id).read(key, ignored) || scratch_.find_hint(shape.id, key)) continue;
      scratch_.touch_whole(shape.id, key, kUnknownAgeMs, 0, &mine);
    }
  }

 private:
  void touch_row(const TableShape& shape, const KeyImage& key, const RowImage* mine,
                 const RowImage& theirs) {
    const std::int64_t at_ms = age_of(shape, theirs);
    const auto hint = hints_tell_ ? scratch_.find_hint(shape.id, key) : std::nullopt;
    if (hints_tell_ && !hint) {
      scratch_.touch_whole(shape.id, key, at_ms, 0, mine);
    } else if (hint && !hint->inserted && (mine || !hint->was_free)) {
      // Changed or deleted here, perhaps by somebody who never saw what the share has: the times
      // decide.
      const RowImage blank = blank_row(shape, theirs);
      scratch_.touch_whole(shape.id, key, at_ms, 0, &blank);
    } else {
      // Was not here before, or nobody knows.
      scratch_.touch_whole(shape.id, key, at_ms, 0);
    }
  }

  Local& local_;
  Base& base_;
  Scratch& scratch_;
  const bool hints_tell_;
};

}  // namespace

void touch_differences(Local& local, Base& base, Scratch& scratch, bool hints_tell) {
  Adoption adoption(local, base, scratch, hints_tell);
  for (const TableShape& shape : local.shapes()) {
    adoption.touch_rows_of_the_share(shape);
    adoption.touch_rows_only_here(shape);
  }
}

}  // namespace tidesync
