#include "oracle/fleet.h"

#include <boost/filesystem/operations.hpp>
#include <stdexcept>

#include "base/error.h"
#include "base/text.h"
#include "inspect/verify.h"
#include "share/layout.h"
#include "sim/sqlite_clock.h"
#include "sync/session.h"
#include "sync/setup.h"

namespace tidesync::oracle {
namespace {

const char* const kShare = "/share";

struct Crash {};

// Ends a run at its n-th step.
class CrashAt : public Steps {
 public:
  explicit CrashAt(int step) : left_(step) {}
  void reached(Step, std::uint64_t, std::uint64_t) override {
    if (left_-- == 0) throw Crash();
  }

 private:
  int left_;
};

// No two computers of this process draw the same random numbers, copies of fleets included.
std::uint64_t next_seed() {
  static std::uint64_t last = 0;
  return ++last;
}

void copy_tree(FileSystem& from, FileSystem& to, const Path& folder) {
  to.create_directory(folder);
  for (const DirEntry& entry : from.list(folder)) {
    const Path path = folder / entry.name;
    if (entry.is_directory) {
      copy_tree(from, to, path);
    } else {
      write_new_file(to, path, *read_file(from, path, 1u << 30), false);
    }
  }
}

std::vector<std::string> letters(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back(Fleet::name(i));
  return names;
}

TableRows rows_of_table(Database& db, const std::string& table) {
  TableRows rows;
  // A table that was made anew elsewhere has its columns in another order.
  std::vector<std::string> columns;
  Statement listed = db.prepare("SELECT name FROM pragma_table_info(?1) ORDER BY name");
  listed.bind_text(1, table);
  while (listed.step()) columns.push_back(quote_name(listed.get_text(0)));
  Statement all = db.prepare("SELECT " + join(columns, ",") + " FROM " + quote_name(table));
  while (all.step()) {
    std::string row;
    for (int i = 0; i < all.column_count(); ++i) row += (i ? "|" : "") + display(all.column(i), 60);
    rows.insert(row);
  }
  return rows;
}

}  // namespace

struct Fleet::Node {
  Node(Fleet& fleet, std::size_t index)
      : database(fleet.folder_ / fleet.names_[index].c_str() / "app.db"),
        random(next_seed()),
        clock(fleet.time_, 0),
        environment{fleet.share_,        disk,           clock, random, "host",
                    fleet.names_[index], "tidesync test"} {
    boost::filesystem::create_directories(database.parent_path());
  }

  Path database;
  Random random;
  sim::NodeClock clock;
  DiskFileSystem disk;
  Environment environment;
  std::unique_ptr<Database> app;
};

Content content_of(Database& db) {
  std::vector<std::string> tables;
  Statement names = db.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
      " AND name NOT LIKE 'tidesync_%' AND name <> 'sync_log'");
  while (names.step()) tables.push_back(names.get_text(0));
  Content content;
  for (const std::string& table : tables) content[table] = rows_of_table(db, table);
  return content;
}

std::string difference(const Content& a, const Content& b) {
  for (const auto& [table, rows] : a) {
    const auto other = b.find(table);
    if (other == b.end()) return "no table " + table;
    for (const std::string& row : rows) {
      if (rows.count(row) != other->second.count(row)) return table + ": only one has " + row;
    }
    for (const std::string& row : other->second) {
      if (rows.count(row) == 0) return table + ": only the other has " + row;
    }
  }
  return a.size() == b.size() ? "" : "not the same tables";
}

Fleet::Fleet(int nodes, const std::string& schema) : Fleet(letters(nodes), schema) {}

Fleet::Fleet(std::vector<std::string> names, const std::string& schema) : names_(std::move(names)) {
  const int nodes = static_cast<int>(names_.size());
  sim::set_sqlite_clock(&clock_);
  share_.create_directory(kShare);
  for (int i = 0; i < nodes; ++i) join(i, schema);
  for (int i = 0; i < nodes; ++i) sync(i);
}

Fleet::Fleet(Fleet& other) : time_(other.time_), names_(other.names_) {
  copy_tree(other.share_, share_, kShare);
  for (int i = 0; i < other.size(); ++i) {
    other.nodes_[static_cast<std::size_t>(i)]->app.reset();
    boost::filesystem::copy(other.folder_ / names_[static_cast<std::size_t>(i)].c_str(),
                            folder_ / names_[static_cast<std::size_t>(i)].c_str(),
                            boost::filesystem::copy_options::recursive);
    nodes_.push_back(std::make_unique<Node>(*this, static_cast<std::size_t>(i)));
    open_application(*nodes_.back());
  }
  sim::set_sqlite_clock(&clock_);
}

Fleet::~Fleet() {
  nodes_.clear();
  sim::set_sqlite_clock(nullptr);
}

void Fleet::join(int index, const std::string& schema) {
  nodes_.push_back(std::make_unique<Node>(*this, static_cast<std::size_t>(index)));
  Node& node = *nodes_.back();
  SetupResult result;
  if (index == 0) {
    { Database::open(node.database, OpenMode::kCreate).exec(schema); }
    InitOptions options;
    options.database = node.database;
    options.share = kShare;
    options.user = options.node = names_[static_cast<std::size_t>(index)];
    result = init_dataset(node.environment, options);
  } else {
    JoinOptions options;
    options.database = node.database;
    options.share = kShare;
    options.user = options.node = names_[static_cast<std::size_t>(index)];
    result = join_dataset(node.environment, options);
  }
  if (result.sync.error) throw std::runtime_error(result.sync.error->what());
  open_application(node);
}

SetupResult Fleet::add(const std::string& name, const std::string& schema) {
  names_.push_back(name);
  nodes_.push_back(std::make_unique<Node>(*this, nodes_.size()));
  Node& node = *nodes_.back();
  { Database::open(node.database, OpenMode::kCreate).exec(schema); }
  JoinOptions options;
  options.database = node.database;
  options.share = kShare;
  options.user = options.node = name;
  try {
    SetupResult result = join_dataset(node.environment, options);
    open_application(node);
    return result;
  } catch (const Error&) {
    nodes_.pop_back();
    names_.pop_back();
    throw;
  }
}

void Fleet::open_application(Node& node) {
  node.app = std::make_unique<Database>(Database::open(node.database, OpenMode::kReadWrite));
  node.app->exec("PRAGMA foreign_keys=ON; PRAGMA synchronous=OFF");
}

Database& Fleet::app(int node) {
  return *nodes_.at(static_cast<std::size_t>(node))->app;
}

void Fleet::set_clock_offset_ms(int node, std::int64_t offset_ms) {
  nodes_.at(static_cast<std::size_t>(node))->clock.set_offset_ms(offset_ms);
}

void Fleet::use_clock_of(int node) {
  sim::set_sqlite_clock(&nodes_.at(static_cast<std::size_t>(node))->clock);
}

void Fleet::act(int node, const std::string& sql) {
  use_clock_of(node);
  app(node).exec(sql);
}

SyncResult Fleet::sync(int node, const SyncOptions& options) {
  use_clock_of(node);
  Node& who = *nodes_.at(static_cast<std::size_t>(node));
  SyncResult result = sync_now(who.environment, who.database, options);
  if (result.error) throw std::runtime_error(name(node) + " syncs: " + result.error->what());
  return result;
}

Path Fleet::base_file(int node) const {
  return LocalPaths(nodes_.at(static_cast<std::size_t>(node))->database).base;
}

std::string Fleet::verify(int node) {
  use_clock_of(node);
  Node& who = *nodes_.at(static_cast<std::size_t>(node));
  const VerifyReport report = tidesync::verify(who.environment, who.database, {});
  for (const Finding& finding : report.findings) {
    if (finding.is_difference) return "verify on " + name(node) + ": " + finding.what;
  }
  return "";
}

bool Fleet::crash_sync(int node, int step) {
  use_clock_of(node);
  Node& who = *nodes_.at(static_cast<std::size_t>(node));
  CrashAt crash(step);
  SyncOptions options;
  options.steps = &crash;
  try {
    const SyncResult result = sync_now(who.environment, who.database, options);
    if (result.error) throw std::runtime_error(name(node) + " syncs: " + result.error->what());
  } catch (const Crash&) {
    return true;
  }
  return false;
}

std::uint64_t Fleet::log_length() {
  std::uint64_t seq = 0;
  while (share_.stat(Path(kShare) / layout::entry_path(Seq{seq + 1}))) ++seq;
  return seq;
}

void Fleet::settle(const std::vector<int>& order) {
  constexpr int kMaxRounds = 12;
  for (int round = 0; round < kMaxRounds; ++round) {
    const std::uint64_t before = log_length();
    for (const int node : order) sync(node);
    if (round > 0 && log_length() == before) return;
  }
  throw std::runtime_error("the fleet does not come to rest");
}

std::string Fleet::check_database(const std::string& what, Database& db, const Content& expected) {
  const std::string differs = difference(content_of(db), expected);
  if (!differs.empty()) return what + " differs from the first database: " + differs;
  const std::string integrity = db.get_text("PRAGMA integrity_check");
  if (integrity != "ok") return what + ": " + integrity;
  const std::string broken = db.get_text(
      "SELECT \"table\" || ' row ' || ifnull(rowid, '') || ' to ' || parent"
      " FROM pragma_foreign_key_check WHERE parent COLLATE NOCASE IN"
      " (SELECT name FROM sqlite_schema)"
      // Older applications delete what a table that they do not have refers to.
      " AND \"table\" NOT LIKE 'extra%'");
  return broken.empty() ? "" : what + ": broken reference in " + broken;
}

std::string Fleet::check() {
  const Content expected = content_of(app(0));
  std::string problem;
  for (int i = 0; i < size() && problem.empty(); ++i) {
    const Node& node = *nodes_[static_cast<std::size_t>(i)];
    problem = check_database("database of " + name(i), app(i), expected);
    if (!problem.empty()) break;
    Database base = Database::open(LocalPaths(node.database).base, OpenMode::kReadOnly);
    problem = check_database("base copy of " + name(i), base, expected);
  }
  if (!problem.empty()) return problem;
  const auto bytes = read_file(share_, Path(kShare) / layout::kMasterFile, 1u << 30);
  if (!bytes) return "no master.db on the share";
  DiskFileSystem disk;
  const Path copy = folder_ / "master.db";
  disk.remove(copy);
  write_new_file(disk, copy, *bytes, false);
  Database master = Database::open(copy, OpenMode::kReadOnly);
  return check_database("master.db", master, expected);
}

}  // namespace tidesync::oracle
