#include "replica/late_children.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "base/text.h"

namespace tidesync {
namespace {

struct Move {
  MovedRecord record;
  std::int64_t at_ms;
};

// By table, the number that it had, and time.
using Moves = std::map<std::tuple<std::uint32_t, KeyImage, std::int64_t>, Move>;

Moves read_moves(Base& base, std::int64_t now_ms) {
  Moves moves;
  Statement rows =
      base.db().prepare("SELECT t, k_from, k_to, at FROM tidesync_moved WHERE at > ?1");
  rows.bind(1, now_ms - kAskMs);
  while (rows.step()) {
    const MovedRecord record{static_cast<std::uint32_t>(rows.get_int(0)), rows.get_text(1),
                             rows.get_text(2)};
    moves[{record.table, record.from, rows.get_int(3)}] = {record, rows.get_int(3)};
  }
  return moves;
}

// The child column that refers to the number of `parent`; npos when none does.
std::size_t column_to(const TableShape& child, const TableShape& parent) {
  for (const ForeignKeyShape& foreign : child.foreign_keys) {
    if (foreign.child_columns.size() == 1 &&
        to_lower_ascii(foreign.parent_table) == to_lower_ascii(parent.name) &&
        parent.find_column(foreign.parent_columns[0]) == parent.key[0])
      return foreign.child_columns[0];
  }
  return std::string::npos;
}

class Lander {
 public:
  Lander(Local& local, Base& base, Scratch& scratch, const Author& me, std::int64_t now_ms)
      : local_(local), base_(base), scratch_(scratch), me_(me), now_ms_(now_ms) {}

  std::vector<LateChild> run() {
    moves_ = read_moves(base_, now_ms_);
    std::set<std::uint32_t> parents;
    for (const auto& [from, move] : moves_) {
      parents.insert(std::get<0>(from));
      first_ms_ = std::min(first_ms_, move.at_ms);
    }
    for (const std::uint32_t id : parents) {
      const TableShape* parent = shape_of(id);
      if (!parent) continue;
      for (const TableShape& child : local_.shapes()) look_at(child, *parent);
    }
    return std::move(found_);
  }

 private:
  void look_at(const TableShape& child, const TableShape& parent) {
    const std::size_t column = column_to(child, parent);
    if (column == std::string::npos) return;
    std::vector<Hint> late;
    scratch_.for_each_hint(child.id, [&](const Hint& hint) {
      if (hint.inserted && hint.at_ms >= first_ms_) late.push_back(hint);
    });
    for (const Hint& hint : late) {
      // What followed its record may follow it once more.
      std::int64_t after_ms = first_ms_;
      while (const Move* move = move_of(child, column, parent, hint, after_ms)) {
        after_ms = move->at_ms + 1;
      }
    }
  }

  // Lands the child if its parent moved, at `after_ms` or later; that move, or nullptr.
  const Move* move_of(const TableShape& child, std::size_t column, const TableShape& parent,
                      const Hint& hint, std::int64_t after_ms) {
    RowImage row;
    RowImage published;
    if (!local_.table(child.id).read(hint.key, row) ||
        base_.table(child.id).read(hint.key, published))
      return nullptr;
    const KeyImage number(split_image(row).at(column));
    const auto from = std::max(after_ms, hint.at_ms - kAskMs);
    const auto found = moves_.lower_bound({parent.id, number, from});
    if (found == moves_.end() || found->second.record.table != parent.id ||
        found->second.record.from != number || found->second.at_ms > hint.at_ms)
      return nullptr;
    land(child, column, hint, row, found->second);
    return &found->second;
  }

  void land(const TableShape& child, std::size_t column, const Hint& hint, const RowImage& row,
            const Move& move) {
    const auto parts = split_image(row);
    RowImage moved;
    for (std::size_t i = 0; i < parts.size(); ++i)
      moved.append(i == column ? std::string_view(move.record.to) : parts[i]);
    const TableShape& parent = *shape_of(move.record.table);
    RowImage owner;
    const bool may_follow = hint.at_ms <= move.at_ms + kFollowMs &&
                            key_of(child, moved) == hint.key &&
                            local_.table(parent.id).read(move.record.to, owner);
    const bool follows =
        may_follow && local_.table(child.id).update(hint.key, row, moved) == WriteOutcome::kDone;
    ConflictRecord record;
    record.table = child.id;
    record.key = hint.key;
    record.kind = "late_child";
    record.winner = follows ? moved : row;
    record.loser = follows ? row : moved;
    record.winner_author = record.loser_author = me_;
    record.winner_author.at_ms = record.loser_author.at_ms = hint.at_ms;
    record.mine_won = true;
    const std::string from = display_key(parent, move.record.from);
    const std::string to = display_key(parent, move.record.to);
    record.rule = follows ? "added just after " + parent.name + " " + from + " became " + to +
                                ": it follows its record"
                          : parent.name + " " + from + " became " + to +
                                " shortly before this was added: it stays, please look";
    found_.push_back({record_conflict(local_, record, now_ms_), child.id, follows});
    if (follows) local_.add_hint(child.id, hint.key, HintKind::kUpdated, hint.at_ms);
  }

  const TableShape* shape_of(std::uint32_t table) const {
    for (const TableShape& shape : local_.shapes()) {
      if (shape.id == table) return &shape;
    }
    return nullptr;
  }

  Local& local_;
  Base& base_;
  Scratch& scratch_;
  const Author& me_;
  std::int64_t now_ms_;
  Moves moves_;
  std::int64_t first_ms_ = std::numeric_limits<std::int64_t>::max();  // of the moves
  std::vector<LateChild> found_;
};

}  // namespace

void note_moved(Base& base, const std::vector<MovedRecord>& moved, std::int64_t now_ms) {
  base.db().cached("DELETE FROM tidesync_moved WHERE at <= ?1").bind(1, now_ms - kAskMs).run();
  for (const MovedRecord& record : moved) {
    base.db()
        .cached("INSERT OR REPLACE INTO tidesync_moved (t, k_from, k_to, at) VALUES (?1,?2,?3,?4)")
        .bind(1, std::int64_t{record.table})
        .bind_blob(2, record.from)
        .bind_blob(3, record.to)
        .bind(4, now_ms)
        .run();
  }
}

bool has_moved_records(Base& base, std::int64_t now_ms) {
  Statement find = base.db().prepare("SELECT 1 FROM tidesync_moved WHERE at > ?1 LIMIT 1");
  return find.bind(1, now_ms - kAskMs).step();
}

std::vector<LateChild> land_late_children(Local& local, Base& base, Scratch& scratch,
                                          const Author& me, std::int64_t now_ms) {
  return Lander(local, base, scratch, me, now_ms).run();
}

}  // namespace tidesync
