// base.db: this node's private copy of the master's state, the exact fold of the log up to a
// cursor. It can always be rebuilt from the log; the application's database is always committed
// first. Thread rule: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/ids.h"
#include "merge/batch.h"
#include "merge/change.h"
#include "replica/held_rows.h"
#include "replica/row_writer.h"
#include "replica/schema_change.h"
#include "replica/scratch.h"
#include "replica/share_schema.h"
#include "replica/table_access.h"

namespace tidesync {

// A batch as the chain remembers it.
struct ChainLink {
  Cursor at;
  Digest prev;
  Uuid uuid;
  std::string node;
  std::uint64_t file_size = 0;
};

enum class FoldDirection { kForward, kBackward };

class Base {
 public:
  // kRollback: for the first rows of a copy that nobody else reads yet. They go to the file once.
  enum class Journal { kWriteAhead, kRollback };
  // Opens, or creates an empty one (cursor 0, no tables).
  explicit Base(const Path& file, Journal journal = Journal::kWriteAhead);
  // Outside of a transaction.
  void use_write_ahead_log();

  Database& db() { return db_; }
  const Cursor& cursor() const { return cursor_; }
  const Digest state() const { return state_.value(); }
  // Adds up all rows: whether they are those of state(). False when a bad disk or somebody's hand
  // changed them, which SQLite does not see.
  bool adds_up();

  // Synced tables in id order, our own two first; empty before the first schema was applied.
  const std::vector<TableShape>& shapes() const { return shapes_; }
  const TableShape* find_shape(std::string_view name) const;
  TableAccess& table(std::uint32_t id);
  // For Local::set_absent_values(), while this object lives.
  RowLookup row_lookup();
  ExactLookup exact_lookup();
  // Whether the table has rows that stand in exact_rows; false without the table.
  bool has_exact_rows(std::uint32_t id);

  // Rows of tables that stand still here, which every change of this copy keeps.
  HeldRows& held() { return held_; }
  // Those tables begin to be held where the cursor comes to these places: the base copy is made
  // anew, and must know again what it knew.
  void hold_from(std::map<std::uint32_t, std::string> places) { hold_from_ = std::move(places); }

  std::optional<ChainLink> find_link(const Digest& hash);
  // The place of entry `seq` in that lineage, as long as its link is remembered.
  std::optional<Cursor> place_of(Seq seq);
  // The link at `seq` of the lineage that ends at the cursor.
  std::vector<ChainLink> last_links(std::size_t count);
  // The links of the most advanced lineage ever folded, where the cursor is an ancestor of it and a
  // restored database made the base copy go back; last_links() otherwise. What the share lost
  // meanwhile may be put back from beyond the cursor, too.
  std::vector<ChainLink> tip_links(std::size_t count);

  // Whether the lineage that ends at this copy's cursor goes through `at`, however far back.
  bool lineage_has(const Cursor& at);

  // All below happen in the transaction of the caller; nothing is committed here. After a rollback
  // call reload().
  // The first schema of a log, or a later change of it (replica/schema_change.h).
  void apply_schema(std::string_view schema_json,
                    FoldDirection direction = FoldDirection::kForward);
  ShareSchema schema() { return load_share_schema(db_); }
  // The share's merge policies (replica/policies.h) from now on; the shapes follow them.
  void set_policies(const std::string& text);
  // Applies a batch (checked against the rows that are there and against its own post_state),
  // moving the cursor. Backward: takes it away again, `link` being its place in the chain. Every
  // key is noted in `touched` with its state before, if given; `batch` is the caller's number for
  // it. Throws kDiverged when a row is not as the batch says it was.
  void fold(const BatchHeader& header, const ChainLink& link, ChangeSource& changes,
            FoldDirection direction, Scratch* touched = nullptr, std::uint32_t batch = 0);
  // Applies one own change while a batch is being built; finish_own() then settles rows that swap
  // UNIQUE values and returns the keys (table, row image) that cannot stand: hints were incomplete.
  void apply_own(std::uint32_t table, const Change& change, const RowImage* before,
                 const RowImage* after);
  std::vector<std::pair<std::uint32_t, RowImage>> finish_own();
  // After apply_own() threw: the table whose rules, made by a newer application elsewhere, refuse a
  // row of this database. Forgotten by reload().
  const std::optional<std::uint32_t>& refused_own() const { return refused_own_; }
  void refuse_own(std::uint32_t table) { refused_own_ = table; }
  // Moves the cursor to an own batch whose changes were applied by apply_own().
  void advance_own(const ChainLink& link);
  // Fills an empty copy with the rows of a snapshot (replica/snapshot.h) and takes its place in the
  // log. Throws kDamaged unless the rows are those of the state digest; roll back then.
  void take_snapshot(Database& snapshot, const Cursor& at, const Digest& state);
  // Its chain and lineage, where the rows are here already.
  void take_chain(Database& snapshot, const Cursor& at);
  // Forgets the links of entries before `first`; the lineage stays.
  void prune_chain(Seq first);
  // Of all nodes that published something it has taken in, here or in a lineage that is gone.
  std::vector<std::string> node_names();
  // In a transaction: the cursor is about to go back, and what is beyond it is still true.
  void remember_tip();
  void forget_tip();
  void reload();

  std::string get_state(const std::string& key, const std::string& fallback = {});
  void set_state(const std::string& key, const std::string& value);

 private:
  RowWriter& writer(std::uint32_t table);
  void reload_shapes();
  // Neither entry nor row yet (base_fill.cpp).
  bool is_empty();
  // Folds changes into it. The state afterwards is to be taken from the rows.
  void fill(const std::vector<const TableShape*>& tables, ChangeSource& changes);
  StateDigest sum_of_rows();
  void settle(const BatchHeader& header);
  void save_cursor();
  void create_tables(const ShareSchema& schema);
  struct ExactRow {
    std::uint32_t table;
    std::map<std::string, std::string> values;  // encoded, by column in lower case
  };
  std::vector<ExactRow> take_exact_rows(const std::set<std::uint32_t>& tables);
  void put_exact_row(const ExactRow& row);
  void change_schema(const SchemaChange& change);
  void for_each_row(std::uint32_t table,
                    const std::function<void(const TableShape&, const RowImage&)>& visit);
  void add_link(const ChainLink& link);
  void drop_lineage_above(Seq seq);
  std::vector<ChainLink> links_from(Digest hash, std::size_t count);
  void fold_one(const TableShape& shape, const Change& change, FoldDirection direction,
                Scratch* touched, std::uint32_t batch, DeletionId deletion);

  void hold_where_due();
  void hold_dropped_columns(const SchemaChange& change);

  Database db_;
  HeldRows held_{db_};
  std::map<std::uint32_t, std::string> hold_from_;
  Author author_;  // of the batch being folded
  Cursor cursor_;
  std::optional<std::uint32_t> refused_own_;
  StateDigest state_;
  std::vector<TableShape> shapes_;
  std::map<std::uint32_t, std::unique_ptr<TableAccess>> tables_;
  std::map<std::uint32_t, RowWriter> writers_;
};

// Table of a batch for a shape.
BatchTable batch_table_of(const TableShape& shape);

}  // namespace tidesync
