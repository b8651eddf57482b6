// Brings a table of this database that is new, came back, was made anew or stood still
// (Local::newcomers) to where the ordinary comparison with the base copy is true again. Before
// anything else is compared: otherwise the defaults that an update of the application has just put
// into a column would go out as if somebody had typed them, and what nobody saw would be taken for
// what nobody did.
//
// For each row that differs it says what this database is known to have had, and merges with that:
//
//   the table was synced until now    the base copy's row
//   it stood still, and rows are held the row as it was then (replica/held_rows.h)
//   it stood still, nothing is known  no row is known; what is here and there counts as changed on
//   both
//                                     sides, and what is missing on one side as new on the other
//   the table is new here             nothing: as if its rows were inserted on both sides
//   a column came, or came back       in it, the database is known to have had what the update put
//   there:
//                                     the share's value stands, a value of its own is kept in a
//                                     conflict; where the share has the default, what is here goes
//                                     out
//   a column was renamed              in it, what the old one had
//
// A write transaction is open on the application's database, the base copy is at its cursor.
#pragma once

#include "replica/applier.h"
#include "replica/table_history.h"

namespace tidesync {

class Backfill {
 public:
  // Uses the touched rows of `scratch`, which must be empty; its hints must be loaded.
  Backfill(Local& local, Base& base, Scratch& scratch, MergeContext context);
  ApplyResult run();
  // After run() threw: as Applier's.
  const TableShape* refusing_table() const { return refusing_; }
  bool needs_quiet() const { return needs_quiet_; }
  // Rows that are missing here and nobody saw deleted, by table: they came back.
  const std::map<std::uint32_t, std::uint64_t>& came_back() const { return came_back_; }
  // Columns that an update made empty, in words: what the share has in them was put back.
  const std::vector<std::string>& made_empty() const { return made_empty_; }

 private:
  void add_table(const Newcomer& newcomer);
  void look_for_orphans(const TableShape& parent);
  void look_at(TableHistory& history, bool is_untracked, const KeyImage& key);
  void look_at_unknown(const TableShape& shape, const KeyImage& key);
  RowImage with_new_columns(const TableHistory& history, const KeyImage& key,
                            const std::optional<HeldRow>& held, const RowImage& known,
                            const RowImage& mine, const RowImage& theirs);
  void follow_old_names(const TableHistory& history, const KeyImage& key, const HeldRow& held,
                        const RowImage& theirs, RowImage& mine_row);
  void keep(const TableShape& shape, const KeyImage& key, const RowImage& mine,
            const RowImage& theirs);
  void touch(const TableShape& shape, const KeyImage& key, const RowImage* theirs,
             const std::optional<RowImage>& known, const Author* author);

  Local& local_;
  Base& base_;
  Scratch& scratch_;
  MergeContext context_;
  const TableShape* refusing_ = nullptr;
  bool needs_quiet_ = false;
  std::vector<AppliedConflict> kept_;
  std::map<std::uint32_t, std::uint64_t> kept_counts_;
  std::map<std::uint32_t, std::uint64_t> came_back_;
  std::vector<std::string> made_empty_;
};

}  // namespace tidesync
