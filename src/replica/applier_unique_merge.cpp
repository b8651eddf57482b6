// unique = "merge": two records that claim one value are one record. The one that is on the share
// keeps its key; children of the other are re-pointed to it; of the two rows the newer one is taken
// whole, and the other is kept. Only a record that is not on the share yet is merged like this.
#include "base/text.h"
#include "replica/applier.h"

namespace tidesync {
namespace {

bool is_key(const TableShape& shape, std::size_t column) {
  for (const std::size_t key : shape.key) {
    if (key == column) return true;
  }
  return false;
}

// `row` in the place of `target`: what others refer to stays as it is there.
RowImage in_place_of(const TableShape& shape, const RowImage& target, const RowImage& row) {
  const auto there = split_image(target);
  const auto parts = split_image(row);
  RowImage image;
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    const bool stays = is_key(shape, i) || shape.columns[i].referenced;
    image.append(stays ? there.at(i) : parts.at(i));
  }
  return image;
}

}  // namespace

// Records inserted here that stand in the way of a record of the share: taken out of the table,
// until that one is in its place and they can be merged into it.
std::vector<RowImage> Applier::take_out_newcomers(const TableShape& shape, const RowImage& image) {
  std::vector<RowImage> taken;
  RowImage row;
  if (shape.policy.unique != UniquePolicy::kMerge ||
      !base_.table(shape.id).read(key_of(shape, image), row))
    return taken;
  for (const Rival& rival : find_rivals(shape, image)) {
    if (!rival.index || base_.table(shape.id).read(rival.key, row) ||
        !local_.table(shape.id).read(rival.key, row))
      continue;
    local_.table(shape.id).erase(rival.key);
    taken.push_back(row);
  }
  return taken;
}

// True when `image`, a record that is only here, has become part of one of the share's.
bool Applier::merge_into_rival(const TableShape& shape, const RowImage& image) {
  if (shape.policy.unique != UniquePolicy::kMerge) return false;
  for (const Rival& rival : find_rivals(shape, image)) {
    RowImage target;
    RowImage published;
    if (!rival.index || !base_.table(shape.id).read(rival.key, published) ||
        !local_.table(shape.id).read(rival.key, target))
      continue;
    merge_into(shape, rival, target, image);
    return true;
  }
  return false;
}

void Applier::merge_into(const TableShape& shape, const Rival& rival, const RowImage& target,
                         const RowImage& image) {
  const KeyImage key = key_of(shape, image);
  const std::int64_t at_ms = time_of_hint(shape.id, key);
  const Author mine = mine_author(shape, key, nullptr, &image);
  const Author theirs =
      theirs_author(scratch_.find_touched(shape.id, rival.key).value_or(Touched{}));
  const RowImage ours = in_place_of(shape, target, image);
  Verdict verdict = choose_row(shape, mine, theirs);
  if (verdict.mine_won &&
      local_.table(shape.id).update(rival.key, target, ours) != WriteOutcome::kDone) {
    verdict = {false, "the share's version wins, because the other does not fit its place"};
  }
  if (verdict.mine_won) {
    local_.add_hint(shape.id, rival.key, HintKind::kUpdated, at_ms);
    scratch_.add_hint(shape.id, rival.key, at_ms, static_cast<int>(HintKind::kUpdated));
  }
  if (!same_but_for_stamps(shape, ours, target)) {
    ConflictRecord record;
    record.table = shape.id;
    record.key = rival.key;
    record.kind = "unique";
    record.winner = verdict.mine_won ? ours : target;
    record.loser = verdict.mine_won ? target : image;
    record.winner_author = verdict.mine_won ? mine : theirs;
    record.loser_author = verdict.mine_won ? theirs : mine;
    record.mine_won = verdict.mine_won;
    record.rule =
        display_key(shape, key) + " has the same unique value: one record, " + verdict.why;
    keep_conflict(std::move(record));
  }
  remove_merged(shape, image);
  move_references(shape, image, target);
  // Children that do not fit beside those of the record that stays.
  set_children_aside(shape, image, 0, nullptr);
}

void Applier::remove_merged(const TableShape& shape, const RowImage& image) {
  const KeyImage key = key_of(shape, image);
  RowImage present;
  if (local_.table(shape.id).read(key, present) && present == image)
    local_.table(shape.id).erase(key);
  local_.add_hint(shape.id, key, HintKind::kDeleted, time_of_hint(shape.id, key));
}

}  // namespace tidesync
