// One run, from opening the files to its row in sync_log. Private to this room; the parts are in
// sync_run_*.cpp, in the order in which they happen:
//
//   open      lock, configuration, databases
//   schema    tables here that are older, newer or otherwise than on the share
//   recover   base copy behind, beside or ahead of the application's database (protocol.md P1)
//   lineage   what the share holds against what we know (P4); check, once a day, reads it whole
//   hole      a batch is missing there, and nobody puts it back
//   pull      fetch, check, fold, merge (P5-P7)
//   snapshot  in place of entries that the share no longer keeps
//   push      scan, seal, publish, acknowledge (P8-P11)
//   finish    master.db, heartbeat, sync_log (P12)
//   maintenance  once a day: snapshots, the floor, leftovers
//
// No transaction on the application's database is open while the share is asked anything, but for a
// dry run, which publishes nothing and rolls back.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/process_lock.h"
#include "replica/applier.h"
#include "replica/base.h"
#include "replica/journal.h"
#include "replica/local.h"
#include "replica/outbox.h"
#include "replica/schema_proposal.h"
#include "share/archive.h"
#include "share/batch_file.h"
#include "share/dataset.h"
#include "share/notes.h"
#include "sqlite/transaction.h"
#include "sync/config.h"
#include "sync/machine_note.h"
#include "sync/session.h"

namespace tidesync {

class LocalSnapshot;
struct Hole;
struct RunStreak;

class SyncRun {
 public:
  SyncRun(Environment& env, const Path& database, const SyncOptions& options);
  ~SyncRun();
  SyncResult run();

 private:
  enum class PushOutcome { kNothing, kPublished, kLost };
  // An entry that was fetched to the spool and checked.
  struct Pulled {
    Cursor at;
    Path file;
    BatchHeader header;
    std::uint64_t size = 0;
    LocalSnapshot* snapshot = nullptr;  // the batch stands for all entries up to this
  };

  void reached(Step step, std::uint64_t done = 0, std::uint64_t total = 0);
  std::int64_t now_ms() { return env_.clock.now_ms(); }

  // open
  void open();
  void check_policies();
  void sync();

  // identity
  void check_machine();
  std::string unc_of_share() const;
  // What to do when the share's drive letter is not there for this account; "" else.
  std::string missing_drive_hint() const;
  bool is_of_another(const BatchHeader& header) const;
  NodeId free_name(const std::vector<Pulled>& pulled);
  void take_new_name(const std::vector<Pulled>& pulled, const std::string& why);
  void check_own_note();

  // recover
  void recover();
  void catch_up(const Cursor& target);
  void rewind_to(const Cursor& target);
  bool try_rewind_to(const Cursor& target, Cursor* stop);
  bool find_way(const Cursor& target, std::vector<Pulled>& missing, Cursor* stop);
  bool is_ancestor_of_base(const Cursor& cursor);
  void take_new_incarnation(const std::string& why);
  void adopt_pending_schema();
  void open_base();
  // Of both databases. Rows that are read one after the other, to be counted or compared, need
  // none; those that are looked up here and there do.
  static constexpr int kSmallCacheKib = 2000;
  static constexpr int kLargeCacheKib = 12000;
  void set_caches(int kib);
  bool should_rebuild(const Error& error);
  bool pages_are_whole();
  void require_sound_base();
  void close_base();
  void reset_base(const std::string& why);
  void exchange();
  Path spool_path(const Cursor& at) const;
  bool obtain_entry(const Cursor& at, Path& file);
  bool is_on_share(Seq seq);
  [[noreturn]] void throw_missing(Seq seq);

  // schema
  void rebuild_shapes();
  bool try_rebuild_shapes();
  void add_lost_columns();
  std::set<std::uint32_t> tables_to_try_again();
  bool fill_in();
  void follow_forms();
  void report_gates();
  void report_given_up(const std::set<std::string>& before, const std::string& user);
  void stand_still(const TableShape& table, const std::string& reason);
  bool schemas_were_compared();
  std::optional<SchemaProposal> find_proposal();
  void propose();
  void note_own_forms();

  // lineage
  std::vector<EntryInfo> check_lineage();
  struct Lineage {
    bool changed = false;          // something was put back or moved aside: look again
    std::optional<Cursor> common;  // the share goes on from here in another way
    std::optional<Seq> lost;       // missing there, and not kept here
  };
  Lineage compare_with(const std::vector<EntryInfo>& listed, bool look_at_all);
  bool log_check_is_due();
  bool check_log(const std::vector<EntryInfo>& listed);
  enum class EntryCondition { kWhole, kDamaged, kAnother };
  EntryCondition look_at_whole(const ChainLink& link, const EntryInfo& entry);
  bool is_kept_whole(const ChainLink& link);
  bool heal(const ChainLink& link, const EntryInfo& entry);
  bool lists_beyond_cursor(const std::vector<EntryInfo>& listed) const;
  bool is_followed(const std::vector<EntryInfo>& listed) const;
  std::optional<Digest> read_hash_or_move_aside(const EntryInfo& entry);
  bool is_certain_of_fork();
  std::optional<Digest> read_other_hash(const ChainLink& link, const EntryInfo& entry);
  void leave_fork(Cursor common);
  void go_back_to(const Cursor& common);

  // hole
  enum class HoleOutcome { kGoOn, kLookAgain, kWait };
  // `looks` counts the listings that showed something beyond what could be taken in.
  HoleOutcome look_at_hole(const std::vector<EntryInfo>& listed, int& looks);
  bool waits_for(const Hole& hole);
  void tell_of_given_up();
  void bridge_hole(Seq missing);
  void tell_that_nothing_is_missing();
  void move_torn_off_aside(const std::vector<EntryInfo>& entries, std::size_t first, Digest hash);

  // pull
  // Walks back from `target` to something the base copy has folded; the entries on the way, newest
  // first. False, with the place in `at`, when one is nowhere.
  bool collect_missing(const Cursor& target, std::vector<Pulled>& missing, Cursor* at = nullptr);
  std::vector<Pulled> fetch(const std::vector<EntryInfo>& entries);
  std::string name_of_batch(Seq seq) const;
  bool fetch_whole(const EntryInfo& entry, const Path& to, const std::string& name);
  std::optional<Pulled> fetch_one(const std::vector<EntryInfo>& entries, std::size_t index,
                                  const Cursor& after);
  bool is_own(const BatchHeader& header);
  void take_in(const std::vector<Pulled>& pulled);
  void take_own(const Pulled& own);
  void merge(const std::vector<Pulled>& pulled);
  bool try_merge(const std::vector<Pulled>& pulled);
  MergeContext merge_context();
  void count_applied(const ApplyResult& applied);
  void note_conflicts(const ApplyResult& applied);
  void note_written(const ApplyResult& applied);
  void make_search_indexes();
  bool is_quiet();
  bool wait_for_quiet();
  void put_off_merge();
  void land_late_children();
  void fold(const Pulled& entry, Scratch* touched, std::uint32_t number);

  // snapshot
  bool is_retired(Seq seq);
  bool stands_at_floor();
  void leap();
  Cursor newest_common(Database& snapshot);
  Pulled make_leap(LocalSnapshot& snapshot);
  bool rebuild_from_snapshot(const Cursor& target, std::vector<Pulled>& missing);
  void adopt_share(const Cursor& target);
  void fold_rest_of_log();

  // kept
  std::vector<Pulled> kept_behind(const Cursor& place);
  std::optional<Pulled> read_kept(const Path& file);
  std::optional<Pulled> kept_after(const Cursor& place,
                                   const std::function<bool(const Cursor&)>& fits);
  std::vector<Pulled> kept_beyond_cursor(Database& snapshot);
  std::vector<Pulled> forgotten_branch(const Cursor& place, const Cursor& except);
  bool take_in_branch(const std::vector<Pulled>& pulled);
  void put_back_kept();
  void take_in_kept(const std::vector<Pulled>& kept);
  void forget_left();
  void note_left(const Cursor& common);
  std::vector<ConflictRecord> find_unseen_values(const Cursor& common);

  // push
  PushOutcome push();
  OutboxResult scan(const Uuid& uuid, std::unique_ptr<BatchWriter>& writer, std::int64_t& mark);
  void count_pushed(const BatchWriter& writer, std::uint64_t bytes);
  BatchHeader make_header(const Uuid& uuid);
  void stamp_published(const Cursor& at);
  PublishOutcome publish(const Path& sealed, const Cursor& at);
  std::int64_t measured_offset_ms() const;
  bool stamps_are_right();
  void acknowledge(const Cursor& at, std::int64_t mark, const OutboxResult& built);

  // maintenance
  bool maintenance_is_due();
  void maintain();
  std::int64_t share_now_ms();
  bool snapshot_is_due(Archive& archive, const std::vector<std::string>& snapshots);
  void make_snapshot();
  std::uint64_t highest_floor(const std::vector<std::string>& snapshots);
  void raise_floor(Archive& archive, const std::optional<Floor>& floor,
                   const std::vector<std::string>& snapshots);
  bool is_old_enough(Seq seq);
  bool is_whole(LocalSnapshot& snapshot);
  void retire_below(Archive& archive, const Floor& floor);
  void prune_spool();

  // finish
  void refresh_master();
  NodeNote make_node_note();
  void write_heartbeat();
  void tell_of_failure();
  void log_end() const;
  LogRow make_log_row() const;
  void record();
  void note_streak(RunStreak& streak);
  void write_metrics();
  void finish_result();
  void note_error(const Error& error);

  void begin_local(Transaction::Kind kind);
  void begin_base();
  void commit_local();
  void commit_base();
  void rollback_base();

  Environment& env_;
  SyncOptions options_;
  LocalPaths paths_;
  Config config_;
  SyncResult result_;
  std::int64_t started_ms_ = 0;     // monotonic
  std::int64_t started_at_ms_ = 0;  // wall
  std::uint64_t metered_read_ = 0;  // traffic before this run
  std::uint64_t metered_written_ = 0;

  std::unique_ptr<ProcessLock> lock_;
  std::unique_ptr<Local> local_;
  std::unique_ptr<Base> base_;
  std::unique_ptr<Scratch> scratch_;
  std::unique_ptr<Dataset> dataset_;
  std::optional<Transaction> local_transaction_;
  std::optional<Transaction> base_transaction_;

  Uuid incarnation_;
  MachineNote machine_;
  std::int64_t hints_loaded_ = 0;
  std::int64_t clock_offset_ms_ = 0;
  Seq head_on_share_;  // as last listed
  bool compare_all_ = false;
  // As the database said when the run began; and nothing published was taken back since.
  bool hints_were_complete_ = false;
  std::optional<std::string> proposal_;  // schema change that the batch being built carries
  std::vector<std::string> proposed_words_;
  std::string schemas_compared_;
  bool own_schema_was_read_ = false;
  bool proposal_failed_ = false;
  bool rebuilt_ = false;
  bool base_is_sound_ = false;  // the file is as a whole run left it, or was checked
  bool fork_was_seen_ = false;
  bool left_fork_ = false;
  bool published_ = false;
  bool offset_was_checked_ = false;
  bool forms_came_ = false;  // with what was taken in: the tables here are to be looked at again
  bool taken_in_ = false;
  bool may_change_numbers_ = true;
  bool log_was_checked_ = false;
  bool reads_head_ = false;  // also when the entry behind it tells its hash
  bool floor_was_read_ = false;
  std::optional<Floor> floor_;
  bool accepts_hole_ = false;  // the batch being built takes the place of a missing one
  bool bridged_ = false;
  std::string given_up_;  // what to say then
  bool put_off_ = false;  // the batches wait for a quiet moment
};

// Digest of all bytes of a local file.
Digest digest_of_file(FileSystem& fs, const Path& file);

}  // namespace tidesync
