// Takes what the log brought into the application's database: the merge transaction (T1).
//
// Precondition: the base copy holds the state after the batches, uncommitted; `scratch` holds every
// key they touched with its state before, and all hints. A write transaction is open on the
// application's database. Order of work:
//   1 identity   a record inserted here under a number that now belongs to another record moves to
//   a
//                new number, and its children with it
//   2 merge      three-way, row by row; what loses is recorded in the same transaction
//   3 unique     values that two different records now claim
//   4 references parents that would be missing
// Afterwards every row that differs from the base copy has a hint. The caller sets the cursor and
// commits: the application's database first, then the base copy. A crash between the two leaves the
// cursor ahead of the base copy, which recovery folds forward.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "merge/effective_time.h"
#include "merge/three_way.h"
#include "replica/base.h"
#include "replica/child_index.h"
#include "replica/fillings.h"
#include "replica/journal.h"
#include "replica/late_children.h"
#include "replica/local.h"
#include "replica/look_ahead.h"
#include "replica/scratch.h"

namespace tidesync {

struct MergeContext {
  Author me;                          // node, incarnation, user; at_ms unused
  std::vector<Author> batch_authors;  // by batch number in the stamps; at_ms unused
  std::int64_t now_ms = 0;            // local clock
  std::int64_t unknown_time_ms = 0;   // of rows here that nobody saw change
  std::int64_t clock_offset_ms = 0;   // share's clock minus ours
  UtcOffset utc_offset;               // of the host
  // False when the rows here may hold changes of the batches already: columns do not add up then.
  bool adds_up = true;
  // False while somebody works in the application: it may hold a record's number in memory. Then a
  // merge that needs to change numbers fails, with Applier::needs_quiet().
  bool may_change_numbers = true;
  // A join adopts an existing database: rows with the same key are the same record.
  bool same_key_is_same_record = false;
  // When it is current; forgotten as soon as a row is written under another key than that of a
  // touched row just merged.
  const LookAhead* ahead = nullptr;
};

struct AppliedConflict {
  std::string id;
  ConflictRecord record;
};

struct ApplyResult {
  std::map<std::uint32_t, std::uint64_t> pulled;  // rows changed here, per table
  std::vector<AppliedConflict> conflicts;         // images dropped beyond the first 20
  std::map<std::uint32_t, std::uint64_t> conflict_counts;
  std::uint64_t renumbered = 0;
  std::vector<MovedRecord> moved;  // records that got another number
};

class Applier {
 public:
  Applier(Local& local, Base& base, Scratch& scratch, MergeContext context);
  ApplyResult run();
  // After run() threw: the table of which a rule here refuses rows that others accept, if that was
  // the reason.
  const TableShape* refusing_table() const { return refusing_; }
  bool needs_quiet() const { return needs_quiet_; }

 private:
  struct Removed {
    std::uint32_t table;
    RowImage before;
  };
  struct Rival {
    KeyImage key;
    const UniqueShape* index;  // nullptr: the key itself, under its collation
  };

  const TableShape* refusing_ = nullptr;
  bool needs_quiet_ = false;

  void merge_all();
  void drop_indexes();

  // identity (applier_identity.cpp)
  void renumber_table(const TableShape& shape);
  void renumber(const TableShape& shape, const KeyImage& key, const RowImage& mine);
  KeyOwner owner_of(std::uint32_t table, const Touched& touched);
  DeletionId deletion_of(std::uint32_t table, const KeyImage& key);
  void note_deletion_again(const TableShape& shape, const Touched& touched);
  bool is_new_there(const TableShape& shape, const Touched& touched);
  bool is_new_here(std::uint32_t table, const KeyImage& key);
  Author deleter_of(const Touched& touched) const;
  void part_records(const TableShape& shape, const Touched& touched);
  void make_room_for_parents(const TableShape& child);
  bool is_published(const TableShape& shape, const RowImage& row);
  bool has_unpublished_children(const TableShape& parent, const RowImage& row, int depth = 0);
  RowImage with_moved_parents(const TableShape& shape, const RowImage& row);
  void move_references(const TableShape& parent, const RowImage& from, const RowImage& to);
  std::int64_t free_number(const TableShape& shape, std::size_t column);
  void raise_sequence(const TableShape& shape, std::int64_t number);

  // merge (applier.cpp)
  void merge_table(const TableShape& shape);
  bool is_as_before(const TableShape& shape, const Touched& touched, std::size_t place) const;
  void merge_touched(const TableShape& shape, const Touched& touched, std::size_t place,
                     RowWriter& writer);
  bool keep_unshared_work(const TableShape& shape, const Touched& touched, const RowImage& mine);
  bool adds_up(const Touched& touched) const;
  void apply_merge(const TableShape& shape, const Touched& touched, const MergeOutput& output,
                   const MergeInput& input, RowWriter& writer);
  void write_row(const TableShape& shape, RowWriter& writer, const KeyImage& key,
                 const RowImage* before, const RowImage* after, const RowImage* theirs);
  void mark_new_references(const TableShape& shape, const KeyImage& key, const RowImage* before,
                           const RowImage& after);
  void settle_hint(const TableShape& shape, const KeyImage& key);
  Author mine_author(const TableShape& shape, const KeyImage& key, const RowImage* base,
                     const RowImage* mine);
  Author theirs_author(const Touched& touched) const;
  Author author_of(const ColumnStamp& stamp) const;

  // unique (applier_unique.cpp)
  void settle_unique(const TableShape& shape, RowWriter& writer);
  void settle_row(const TableShape& shape, const RowImage& image, int depth);
  void settle_one(const TableShape& shape, const RowImage& image, int depth);
  std::vector<Rival> find_rivals(const TableShape& shape, const RowImage& image);
  bool yield_by_number(const TableShape& shape, const UniqueShape& index, const RowImage& image,
                       const KeyImage& key, bool exists);
  bool yield_by_suffix(const TableShape& shape, const UniqueShape& index, const RowImage& image,
                       const KeyImage& key, bool exists);
  void yield_existing(const TableShape& shape, const Rival& rival, const RowImage& winner);
  std::optional<std::string> index_entry(const TableShape& shape, const UniqueShape& index,
                                         const RowImage& image);
  void put_back(const TableShape& shape, const RowImage& published);
  void set_aside(const TableShape& shape, const RowImage& image, const std::string& rule, int depth,
                 const RowImage* heir = nullptr);
  void set_children_aside(const TableShape& shape, const RowImage& image, int depth,
                          const RowImage* heir);

  // unique = "merge" (applier_unique_merge.cpp)
  std::vector<RowImage> take_out_newcomers(const TableShape& shape, const RowImage& image);
  bool merge_into_rival(const TableShape& shape, const RowImage& image);
  void merge_into(const TableShape& shape, const Rival& rival, const RowImage& target,
                  const RowImage& image);
  void remove_merged(const TableShape& shape, const RowImage& image);

  // references (applier_references.cpp)
  void repair_references();
  void repair_parents_of_touched(const TableShape& shape);
  void repair_children_of(const Removed& removed);
  void repair_parents_of(const TableShape& shape, const RowImage& child);
  bool restore_parent(const TableShape& child_shape, const ForeignKeyShape& key,
                      const RowImage& child);
  void give_value_back(const TableShape& parent, const ForeignKeyShape& key, const RowImage& source,
                       const TableShape& child_shape, const RowImage& child);
  // The row that the values meant: on the share, before the batches, or here before the merge.
  struct KnownParent {
    RowImage row;
    bool is_published = false;
  };
  std::optional<KnownParent> find_known_parent(const TableShape& parent, const ForeignKeyShape& key,
                                               const std::vector<std::string_view>& values);
  std::vector<RowImage> find_children(const TableShape& child, const ForeignKeyShape& key,
                                      const std::vector<std::string_view>& values);
  ChildIndex* child_index(const TableShape& child, const ForeignKeyShape& key,
                          const std::string& query);
  bool means_same(const ForeignKeyShape& key, std::size_t column, std::string_view a,
                  std::string_view b);
  bool parent_exists(const ForeignKeyShape& key, const std::vector<std::string_view>& values);

  // orphan = "delete" (applier_orphans.cpp)
  struct Orphan {
    const TableShape* shape;
    RowImage row;
    std::string parent;  // name of its table
  };
  void follow_delete(const TableShape& shape, const RowImage& child, const std::string& parent);
  void keep_orphan(const Orphan& orphan, const RowImage* published);
  void add_children(const Orphan& parent, std::vector<Orphan>& orphans);
  bool has_its_parents(const TableShape& shape, const RowImage& row);

  const TableShape* find_shape(std::string_view name) const;
  std::int64_t time_of_hint(std::uint32_t table, const KeyImage& key);
  void keep_conflict(ConflictRecord record);

  Local& local_;
  Base& base_;
  Scratch& scratch_;
  MergeContext context_;
  Fillings fillings_;
  ApplyResult result_;
  // Free numbers after the highest, by table: nobody else gives any away in this transaction.
  std::map<std::uint32_t, std::int64_t> next_numbers_;
  // False once rows were written in other ways than merge_touched's: then marks are not all.
  bool all_marked_ = true;
  std::vector<Removed> removed_;
  // Records that both sides had, of which ours went on under a new number: table and old key.
  std::map<std::pair<std::uint32_t, KeyImage>, KeyImage> parted_;
  // Of references without an index here, by child table and position of the reference; nullptr: it
  // has one, or was not asked for often enough.
  struct Asked {
    int times = 0;
    std::unique_ptr<ChildIndex> index;
  };
  std::map<std::pair<std::uint32_t, std::size_t>, Asked> asked_;
  std::vector<std::pair<std::uint32_t, RowImage>> restored_;  // rows whose parents may be gone
};

}  // namespace tidesync
