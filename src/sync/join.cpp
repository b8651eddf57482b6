// join: a further node. The base copy is folded from the share first, then
//   file missing   a database is made from it beside its place and moved there when complete
//   file present   a copy is kept in backups/; then rows are compared: equal ones match, differing
//   ones
//                  are merged (newest wins, the loser is kept), rows only here are published next
// A crash before the last step leaves a database that is not attached: join again starts afresh.
#include <boost/filesystem/operations.hpp>
#include <limits>

#include "base/log.h"
#include "base/text.h"
#include "merge/effective_time.h"
#include "replica/application_draft.h"
#include "replica/applier.h"
#include "replica/policies.h"
#include "replica/search_index.h"
#include "share/archive.h"
#include "share/batch_file.h"
#include "share/probe.h"
#include "sqlite/transaction.h"
#include "sync/add_columns.h"
#include "sync/base_mark.h"
#include "sync/reattach.h"
#include "sync/session.h"
#include "sync/setup.h"
#include "sync/setup_parts.h"
#include "sync/snapshot_finder.h"

namespace tidesync {
namespace {

// Fewer rows in common than this say nothing about whether two databases are related.
constexpr std::uint64_t kEnoughCommonRows = 20;
constexpr std::uint64_t kRelatedPercent = 95;

class Join {
 public:
  Join(Environment& env, const JoinOptions& options, Steps* steps)
      : env_(env), options_(options), steps_(steps), paths_(options.database) {}

  // nullopt: the database is a node already, which has lost its folder.
  std::optional<SetupResult> run() {
    setup::require_outside_of_share(options_.database, options_.share);
    const bool exists = env_.local.stat(options_.database).has_value();
    if (exists) {
      Local local(options_.database, config_.patience_ms);
      if (local.is_attached() && !env_.local.stat(paths_.config)) return std::nullopt;
      if (local.is_attached()) {
        throw Error(ErrorCode::kAlreadyExists, "join", to_utf8(options_.database),
                    "this database is synced already",
                    "Run tidesync status, or tidesync leave first.");
      }
      setup::require_free_names(local.db(), "join");
    }
    result_.warnings = setup::check_database_place(env_, options_.database);
    for (std::string& warning : setup::check_share_folder(env_, options_.share))
      result_.warnings.push_back(std::move(warning));
    config_.share = options_.share;
    config_.user = setup::default_user(options_.user, env_);
    Dataset dataset(env_.share, options_.share, env_.clock, env_.random, NodeId{"join"});
    result_.share_id = dataset.open("").share_id;
    config_.node = setup::choose_node(options_.node, config_.user, env_, &dataset);
    if (dataset.list_entries(Seq{0}, 0).empty() &&
        Archive(env_.share, dataset, env_.random).list_snapshots().empty()) {
      throw Error(
          ErrorCode::kNotFound, "join", to_utf8(options_.share),
          "the dataset there has no data yet: its first computer has not finished its first sync",
          "Run tidesync now on that computer, then join again.");
    }
    probe(dataset.format());
    prepare_folder();
    take_in(dataset, exists);
    result_.node = config_.node;
    result_.user = config_.user;
    SyncOptions options;
    options.steps = steps_;
    result_.sync = sync_now(env_, options_.database, options);
    result_.seq = result_.sync.seq_after;
    return std::move(result_);
  }

 private:
  void reached(Step step, std::uint64_t done = 0, std::uint64_t total = 0) {
    if (steps_) steps_->reached(step, done, total);
  }

  // Reading alone makes no node: what this computer has must be able to go out.
  void probe(const DatasetFormat& format) {
    ProbeOptions probe;
    probe.only = format.primitive;
    probe.names = options_.raced_names;
    const ProbeReport report =
        probe_share(env_.share, options_.share, env_.clock, env_.random, probe);
    require_primitive(report, format.primitive, options_.share);
    if (!report.rename_problem.empty())
      result_.warnings.push_back("master.db cannot be replaced on this share: " +
                                 report.rename_problem);
  }

  void prepare_folder() {
    setup::make_local_folders(env_, paths_);
    // Left from an earlier join that did not finish: the base copy must be that of this share.
    for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
      Path file = paths_.base;
      file += suffix;
      env_.local.remove(file);
    }
  }

  void take_in(Dataset& dataset, bool exists) {
    {
      Base base(paths_.base, Base::Journal::kRollback);
      // Its pages go into the new database: what others deleted must not be readable there.
      base.db().exec("PRAGMA secure_delete = ON");
      fold_log(dataset, base);
      // The rules that hold for all stand in this node's file, too: whoever edits it edits them.
      config_.policies = parse_policies(base.get_state("policies"));
      // Before the database is attached: an attached one without a configuration is a dead end.
      write_config(env_.local, paths_.config, config_);
      if (exists) {
        adopt(base);
      } else {
        create(base);
      }
    }
    // Its rows were added up when they were written.
    mark_base(env_.local, paths_);
  }

  void fold_log(Dataset& dataset, Base& base) {
    // The newest snapshot saves reading the whole log.
    constexpr Seq kAny{std::numeric_limits<std::uint64_t>::max()};
    SnapshotFinder finder(env_, dataset, paths_);
    if (begin_with_snapshot(finder, base, kAny)) base.use_write_ahead_log();
    for (;;) {
      const auto entries = dataset.list_entries(base.cursor().seq, 0);
      if (entries.empty()) return;
      for (const EntryInfo& entry : entries) {
        if (entry.seq != base.cursor().seq.next()) {
          throw Error(
              ErrorCode::kDamaged, "join", to_utf8(options_.share),
              "batch " + std::to_string(base.cursor().seq.value + 1) + " is missing in its log",
              "Let the other computers sync: they put back what is missing. Then join again.");
        }
        reached(Step::kPull, entry.seq.value, entries.back().seq.value);
        fold_entry(dataset, base, entry);
        if (entry.seq == Seq{1}) base.use_write_ahead_log();
      }
    }
  }

  void fold_entry(Dataset& dataset, Base& base, const EntryInfo& entry) {
    const Path incoming = paths_.staging / "incoming";
    env_.local.remove(incoming);
    if (!dataset.fetch_entry(entry, env_.local, incoming)) {
      throw Error(ErrorCode::kShareUnreachable, "read", to_utf8(options_.share),
                  "batch " + std::to_string(entry.seq.value) + " cannot be read now",
                  "Run join again.");
    }
    BatchReader reader(env_.local, incoming);
    const BatchHeader header = reader.header();
    if (header.share_id != result_.share_id || header.seq != entry.seq ||
        !(header.prev == base.cursor().hash)) {
      throw Error(ErrorCode::kDamaged, "read", "batch " + std::to_string(entry.seq.value),
                  "it does not continue the log",
                  "Let another computer sync first, then join again.");
    }
    Transaction transaction(base.db(), Transaction::Kind::kImmediate);
    base.fold(header,
              {{entry.seq, reader.hash()},
               header.prev,
               header.uuid,
               header.node.value,
               reader.file_size()},
              reader, FoldDirection::kForward);
    transaction.commit();
  }

  void create(Base& base) {
    const Path draft = paths_.staging / "new.db";
    for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
      Path file = draft;
      file += suffix;
      env_.local.remove(file);
    }
    const ShareSchema schema = base.schema();
    reached(Step::kFold);
    draft_application(base, draft);
    {
      Local local(draft, config_.patience_ms);
      Transaction transaction(local.db(), Transaction::Kind::kImmediate);
      setup::attach(local, result_.share_id, config_, env_.random, base.cursor());
      note_policies_proposed(local, config_.policies);
      local.use_shapes(base.shapes());
      const auto left = create_application_objects(local.db(), schema);
      if (!left.empty()) {
        result_.warnings.push_back(
            "Not made in the new database, because only the application has the "
            "functions or collations that they use: " +
            join(left, ", ") + ". Start the application with it once");
      }
      add_noted_columns(local.db(), schema);
      local.install_triggers();
      note_search_indexes(local);
      transaction.commit();
      report(local.db(), base);
    }
    reached(Step::kFold);
    env_.local.rename_replacing(draft, options_.database);
    result_.created_database = true;
  }

  void adopt(Base& base) {
    Local local(options_.database, config_.patience_ms);
    result_.backup = paths_.backups / (to_utf8(options_.database.filename()) + "." +
                                       std::to_string(env_.clock.now_ms()) + ".before-join");
    env_.local.remove(result_.backup);
    local.db().backup_to(result_.backup);
    // Each time round one more table stands still, so this ends.
    std::vector<std::pair<TableShape, std::string>> refused;
    while (!try_adopt(local, base, refused)) result_.equal_rows = result_.rows_only_here = 0;
    report(local.db(), base);
  }

  // False: a table here cannot take what the share has, and is one of `refused` now.
  bool try_adopt(Local& local, Base& base,
                 std::vector<std::pair<TableShape, std::string>>& refused) {
    result_.rows_only_there = 0;
    Scratch scratch;
    Transaction transaction(local.db(), Transaction::Kind::kImmediate);
    setup::attach(local, result_.share_id, config_, env_.random, base.cursor());
    note_policies_proposed(local, config_.policies);
    add_noted_columns(local.db(), load_share_schema(base.db()));
    local.set_absent_values(base.row_lookup(), base.exact_lookup());
    for (const auto& [shape, reason] : refused) local.refuse_table(shape, reason);
    local.use_shapes(base.shapes());
    local.install_triggers();
    local.set_meta("compare_all", "1");
    for (const TableShape& shape : local.shapes()) compare(local, base, shape, scratch);
    MergeContext context;
    context.me.node = config_.node.value;
    context.me.incarnation = local.get_meta("incarnation");
    context.me.user = config_.user;
    context.now_ms = env_.clock.now_ms();
    context.unknown_time_ms = 0;  // a row whose age nobody knows yields to the share's
    context.same_key_is_same_record = true;
    Author share;
    share.node = "share";
    share.user = "share";
    context.batch_authors.push_back(share);
    Applier applier(local, base, scratch, context);
    ApplyResult applied;
    try {
      applied = applier.run();
    } catch (const Error& error) {
      if (!applier.refusing_table()) throw;
      refused.emplace_back(*applier.refusing_table(), error.detail());
      log::warning(error.what());
      return false;
    }
    for (const auto& [table, count] : applied.conflict_counts) result_.differing_rows += count;
    note_search_indexes(local);
    transaction.commit();
    return true;
  }

  // Made by the first sync.
  void note_search_indexes(Local& local) {
    std::set<std::uint32_t> tables;
    for (const TableShape& shape : local.shapes()) tables.insert(shape.id);
    note_search_indexes_due(local, tables);
  }

  void compare(Local& local, Base& base, const TableShape& shape, Scratch& scratch) {
    std::uint64_t equal = 0;
    std::uint64_t common = 0;
    RowImage mine;
    Statement rows = base.table(shape.id).scan();
    while (rows.step()) {
      const RowImage theirs = base.table(shape.id).image_of(rows);
      const KeyImage key = key_of(shape, theirs);
      const bool here = local.table(shape.id).read(key, mine);
      common += here ? 1 : 0;
      equal += here && mine == theirs ? 1 : 0;
      if (here && mine == theirs) continue;
      std::int64_t at_ms = 1;
      if (shape.updated_at)
        at_ms = parse_stamp(decode_image(theirs).at(*shape.updated_at)).value_or(1);
      scratch.touch_whole(shape.id, key, at_ms, 0);
    }
    if (shape.system) return;
    const std::uint64_t total_here = local.table(shape.id).count();
    if (shape.key_kind == KeyKind::kSurrogate && common >= kEnoughCommonRows &&
        equal * 100 < common * kRelatedPercent) {
      throw Error(ErrorCode::kGuard, "join", shape.name,
                  "only " + with_thousands(equal) + " of " + with_thousands(common) +
                      " rows with the same " + shape.columns[shape.key[0]].name +
                      " are equal here and on the share: these may be different records. Nothing "
                      "was changed",
                  "Start from the share's data: move this file away and join with a new file name; "
                  "then enter "
                  "what is missing.");
    }
    result_.equal_rows += equal;
    result_.rows_only_here += total_here - common;
    result_.rows_only_there += base.table(shape.id).count() - common;
  }

  void report(Database& db, Base& base) {
    std::vector<TableChoice> chosen;
    const auto catalog = read_catalog(db);
    for (const TableChoice& choice : catalog) {
      if (base.find_shape(choice.name)) chosen.push_back(choice);
    }
    result_.tables = setup::report_tables(db, catalog, chosen, "left out: not part of the share");
  }

  Environment& env_;
  const JoinOptions& options_;
  Steps* steps_;
  LocalPaths paths_;
  Config config_;
  SetupResult result_;
};

}  // namespace

SetupResult join_dataset(Environment& env, const JoinOptions& options, Steps* steps) {
  auto result = Join(env, options, steps).run();
  return result ? std::move(*result) : reattach_dataset(env, options, steps);
}

}  // namespace tidesync
