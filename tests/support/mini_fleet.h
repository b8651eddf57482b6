// A fleet without a share: databases with triggers and base copies on real files, and a log that is
// a list in memory. What replica promises can be tested here end to end, with times of our
// choosing.
//
// Every sync() checks what must hold after each of them, whatever the test is about: a row that
// differs from the base copy has a hint, the application's file is sound, and a batch can be folded
// by everybody.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "replica/applier.h"
#include "replica/base.h"
#include "replica/catalog.h"
#include "replica/local.h"
#include "replica/outbox.h"
#include "replica/policies.h"
#include "sqlite/transaction.h"
#include "support/change_list.h"
#include "support/sql_rows.h"
#include "support/temp_dir.h"

namespace tidesync::test {

struct MiniBatch {
  BatchHeader header;
  ChainLink link;
  std::shared_ptr<ChangeList> changes = std::make_shared<ChangeList>();
};

using MiniLog = std::vector<MiniBatch>;

class MiniNode {
 public:
  static constexpr std::int64_t kNow = 1'000'000;

  // `sql` makes the application's database; its rows are what everybody has from the start.
  MiniNode(std::string name, const std::string& sql, const PolicySet& policies = {})
      : name_(std::move(name)),
        app_(make_application(sql)),
        local_(dir_ / "app.db", 100),
        base_(dir_ / "base.db") {
    std::vector<TableChoice> chosen;
    for (TableChoice& choice : read_catalog(app_)) {
      if (choice.can_sync) chosen.push_back(std::move(choice));
    }
    ShareSchema schema = read_share_schema(app_, chosen);
    schema.policies = to_json(policies);
    schema_json_ = to_json(schema);
    Transaction base_change(base_.db(), Transaction::Kind::kImmediate);
    base_.apply_schema(schema_json_);
    Transaction local_change(local_.db(), Transaction::Kind::kImmediate);
    local_.create_tables();
    local_.use_shapes(base_.shapes());
    local_.install_triggers();
    adopt_rows();
    base_.advance_own({{Seq{1}, digest_of("first")}, {}, "first", "first", 1});
    local_.set_cursor(base_.cursor());
    local_change.commit();
    base_change.commit();
  }

  const std::string& name() const { return name_; }
  // The application's own connection: triggers and foreign keys on.
  Database& app() { return app_; }
  Local& local() { return local_; }
  Base& base() { return base_; }
  const TempDir& dir() const { return dir_; }
  const std::string& schema_json() const { return schema_json_; }
  const TableShape& shape(std::string_view table) const { return *base_.find_shape(table); }
  std::uint32_t id(std::string_view table) const { return shape(table).id; }
  Rows rows(std::string_view query) { return rows_of(app_, query); }

  // The application does something, at that time.
  void act(const std::string& sql, std::int64_t at_ms = 1000) {
    const std::int64_t before = app_.get_int("SELECT ifnull(max(n), 0) FROM tidesync_dirty");
    app_.exec(sql);
    app_.exec("UPDATE tidesync_dirty SET at = " + std::to_string(at_ms) + " WHERE n > " +
              std::to_string(before));
  }

  OutboxResult build(ChangeList& changes, const OutboxOptions& options) {
    Scratch scratch;
    local_.load_hints(0, scratch);
    return build_outbox(local_, base_, scratch, options,
                        [&](std::vector<BatchTable> tables) -> ChangeSink& {
                          tables_ = std::move(tables);
                          return changes;
                        });
  }
  // Tables of the batch that build() made last.
  const std::vector<BatchTable>& tables() const { return tables_; }

  static OutboxOptions options() {
    OutboxOptions options;
    options.now_ms = kNow;
    return options;
  }

  // Takes in what the log has beyond our cursor, then publishes what differs.
  ApplyResult sync(MiniLog& log, OutboxOptions options = MiniNode::options()) {
    ApplyResult result = pull(log);
    push(log, std::move(options));
    return result;
  }

  ApplyResult pull(const MiniLog& log) {
    ApplyResult result;
    if (base_.cursor().seq.value - 1 == log.size()) return result;
    Scratch scratch;
    Transaction base_change(base_.db(), Transaction::Kind::kImmediate);
    MergeContext context;
    context.me = {0, name_, "", name_};
    context.now_ms = now_ms;
    context.unknown_time_ms = now_ms;
    context.clock_offset_ms = clock_offset_ms;
    context.same_key_is_same_record = same_key_is_same_record;
    context.adds_up = adds_up;
    for (std::size_t i = base_.cursor().seq.value - 1; i < log.size(); ++i) {
      const auto number = static_cast<std::uint32_t>(context.batch_authors.size());
      context.batch_authors.push_back({0, log[i].header.node.value, "", log[i].header.user});
      ChangeListSource source(*log[i].changes);
      base_.fold(log[i].header, log[i].link, source, FoldDirection::kForward, &scratch, number);
    }
    const LookAhead ahead(local_, scratch);
    if (!meanwhile.empty()) act(std::exchange(meanwhile, {}), meanwhile_ms);
    Transaction local_change(local_.db(), Transaction::Kind::kImmediate);
    local_.load_hints(0, scratch);
    if (ahead.is_current()) context.ahead = &ahead;
    result = Applier(local_, base_, scratch, context).run();
    local_.set_cursor(base_.cursor());
    local_change.commit();
    base_change.commit();
    expect_every_difference_hinted();
    expect_sound();
    return result;
  }

  // The batch's number of changes; 0 when nothing was to be said.
  std::size_t push(MiniLog& log, OutboxOptions options = MiniNode::options()) {
    MiniBatch batch;
    if (now_ms != kNow) options.now_ms = now_ms;
    options.clock_offset_ms = clock_offset_ms;
    batch.header.base_state = base_.state();
    Transaction base_change(base_.db(), Transaction::Kind::kImmediate);
    last_outbox = build(*batch.changes, options);
    if (last_outbox.outcome == OutboxOutcome::kHintsIncomplete && !options.compare_all) {
      base_change.rollback();
      base_.reload();
      options.compare_all = true;
      return push(log, options);
    }
    if (last_outbox.outcome != OutboxOutcome::kBuilt) {
      base_change.rollback();
      base_.reload();
      return 0;
    }
    batch.header.seq = base_.cursor().seq.next();
    batch.header.prev = base_.cursor().hash;
    batch.header.node = NodeId{name_};
    batch.header.user = name_;
    batch.header.tables = tables_;
    batch.header.post_state = base_.state();
    const std::string unique_text = name_ + std::to_string(batch.header.seq.value);
    batch.link = {
        {batch.header.seq, digest_of(unique_text)}, base_.cursor().hash, unique_text, name_, 1};
    base_.advance_own(batch.link);
    Transaction local_change(local_.db(), Transaction::Kind::kImmediate);
    local_.forget_hints(local_.highest_hint(), last_outbox.keep_hints);
    local_.set_cursor(base_.cursor());
    local_change.commit();
    base_change.commit();
    log.push_back(batch);
    return batch.changes->changes().size();
  }

  // Rows that differ from the base copy and that nothing points at.
  void expect_every_difference_hinted() {
    Scratch hints;
    local_.load_hints(0, hints);
    for (const TableShape& shape : local_.shapes()) {
      for (const KeyImage& key : differing_keys(shape)) {
        EXPECT_TRUE(hints.find_hint(shape.id, key))
            << name_ << ": no hint for " << shape.name << " " << display_key(shape, key);
      }
    }
  }

  std::set<KeyImage> differing_keys(const TableShape& shape) {
    std::set<KeyImage> keys;
    RowImage other;
    const auto look = [&](TableAccess& from, TableAccess& to) {
      Statement rows = from.scan();
      while (rows.step()) {
        const RowImage row = from.image_of(rows);
        const KeyImage key = key_of(shape, row);
        if (!to.read(key, other) || other != row) keys.insert(key);
      }
    };
    look(local_.table(shape.id), base_.table(shape.id));
    look(base_.table(shape.id), local_.table(shape.id));
    return keys;
  }

  void expect_sound() {
    EXPECT_EQ(rows("PRAGMA integrity_check"), Rows{"'ok'"}) << name_;
    if (!references_are_sound) return;
    EXPECT_EQ(rows("PRAGMA foreign_key_check"), Rows{}) << name_;
  }

  Rows conflicts() {
    return rows(
        "SELECT table_name, row_key, kind, winner_row, loser_row FROM sync_conflicts"
        " ORDER BY table_name, row_key, kind");
  }
  Rows conflict_kinds() {
    return rows("SELECT kind, row_key FROM sync_conflicts ORDER BY kind, row_key");
  }

  OutboxResult last_outbox;
  bool same_key_is_same_record = false;
  // What the application does between the look ahead and the lock of the next pull.
  std::string meanwhile;
  std::int64_t meanwhile_ms = 1000;
  bool references_are_sound = true;
  bool adds_up = true;
  std::int64_t now_ms = kNow;        // what the node's clock shows
  std::int64_t clock_offset_ms = 0;  // the share's clock minus the node's, as measured

 private:
  Database make_application(const std::string& sql) {
    Database db = Database::open(dir_ / "app.db", OpenMode::kCreate);
    db.exec("PRAGMA synchronous=OFF");
    db.exec(sql);
    db.exec("PRAGMA foreign_keys=ON");
    return db;
  }

  void adopt_rows() {
    Change change;
    for (const TableShape& shape : local_.shapes()) {
      Statement rows = local_.table(shape.id).scan();
      while (rows.step()) {
        const RowImage row = local_.table(shape.id).image_of(rows);
        const KeyImage key = key_of(shape, row);
        change.key = key;
        base_.apply_own(shape.id, change, nullptr, &row);
      }
    }
  }

  TempDir dir_{TempDir::Where::kMemory};
  std::string name_;
  Database app_;
  Local local_;
  Base base_;
  std::string schema_json_;
  std::vector<BatchTable> tables_;
};

// Ann and bob with the same rows. Ann usually publishes first.
class MiniFleet {
 public:
  explicit MiniFleet(const std::string& sql, const PolicySet& policies = {})
      : ann("ann", sql, policies), bob("bob", sql, policies) {}

  // Ann publishes, bob takes it in and publishes, ann takes that in.
  ApplyResult ann_first() {
    ann.sync(log);
    ApplyResult result = bob.sync(log);
    settle();
    return result;
  }

  // The same, with bob first.
  ApplyResult bob_first() {
    bob.sync(log);
    ApplyResult result = ann.sync(log);
    settle();
    return result;
  }

  // Until nobody has anything to say; then all must be equal.
  void settle() {
    for (int round = 0; round < 6; ++round) {
      const std::size_t before = log.size();
      ann.sync(log);
      bob.sync(log);
      if (log.size() == before) break;
    }
    ann.pull(log);
    bob.pull(log);
    EXPECT_EQ(ann.push(log), 0u) << "the fleet does not come to rest";
    EXPECT_EQ(bob.push(log), 0u) << "the fleet does not come to rest";
    EXPECT_EQ(ann.base().state().hex(), bob.base().state().hex());
    for (MiniNode* node : {&ann, &bob}) {
      for (const TableShape& shape : node->local().shapes()) {
        if (shape.id == kLogTableId) continue;
        EXPECT_EQ(node->differing_keys(shape).size(), 0u) << node->name() << " " << shape.name;
      }
    }
  }

  // The same rows on both; gives bob's.
  Rows rows(std::string_view query) {
    EXPECT_EQ(ann.rows(query), bob.rows(query));
    return bob.rows(query);
  }

  MiniLog log;
  MiniNode ann;
  MiniNode bob;
};

}  // namespace tidesync::test
