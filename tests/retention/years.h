// Computers around one share over months and years, in this process: the real engine on real SQLite
// files, the share in memory with small log folders, and a clock that the test moves. SQLite's
// clock follows it. Thread rule: one at a time.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/sim_clock.h"
#include "sim/sqlite_clock.h"
#include "sqlite/database.h"
#include "support/counting_file_system.h"
#include "support/memory_file_system.h"
#include "support/sql_rows.h"
#include "support/temp_dir.h"
#include "sync/config.h"
#include "sync/rebuild_share.h"
#include "sync/session.h"
#include "sync/setup.h"

namespace tidesync::test {

inline constexpr std::int64_t kMinute = 60'000;
inline constexpr std::int64_t kDay = 24 * 60 * kMinute;

class Years {
 public:
  static constexpr std::uint64_t kPerFolder = 10;

  explicit Years(std::uint64_t per_folder = kPerFolder) : per_folder_(per_folder) {
    share_.create_directory("/nas");
    sim::set_sqlite_clock(&clock_);
  }
  ~Years() { sim::set_sqlite_clock(nullptr); }

  Path db(const std::string& name) { return folder_.path() / (name + ".db"); }
  LocalPaths paths(const std::string& name) { return LocalPaths(db(name)); }
  Environment environment(const std::string& name, FileSystem* share = nullptr) {
    return {share ? *share : counted_, disk_, clock_, random_, "host", name, "tidesync test", {}};
  }

  // Every row of the table is worth a batch.
  void init(const std::string& name, const std::string& schema) {
    Database::open(db(name), OpenMode::kCreate).exec(schema);
    Environment env = environment(name);
    InitOptions options;
    options.database = db(name);
    options.share = "/nas";
    options.node = options.user = name;
    options.entries_per_folder = per_folder_;
    init_dataset(env, options);
    shorten(name);
  }
  SetupResult join(const std::string& name) {
    Environment env = environment(name);
    JoinOptions options;
    options.database = db(name);
    options.share = "/nas";
    options.node = options.user = name;
    SetupResult result = join_dataset(env, options);
    shorten(name);
    return result;
  }
  void rebuild_share(const std::string& name) {
    Environment env = environment(name);
    RebuildOptions options;
    options.database = db(name);
    options.share = "/nas";
    tidesync::rebuild_share(env, options);
    shorten(name);
  }
  // What is kept is short, so that tests are.
  void shorten(const std::string& name, const Retention& rules = short_rules()) {
    Config config = read_config(disk_, paths(name).config);
    config.retention = rules;
    write_config(disk_, paths(name).config, config);
  }
  static Retention short_rules() { return {10 * 24 * 60, 20, 7 * 24 * 60, 15, 24 * 60}; }

  void act(const std::string& name, const std::string& sql) {
    Database app = Database::open(db(name), OpenMode::kReadWrite);
    app.exec("PRAGMA foreign_keys = ON");
    app.exec(sql);
  }
  Rows rows(const std::string& name, const std::string& sql) {
    Database app = Database::open(db(name), OpenMode::kReadOnly);
    return rows_of(app, sql);
  }
  SyncResult sync(const std::string& name) {
    Environment env = environment(name);
    counted_.reset();
    return sync_now(env, db(name), {});
  }
  void sync_well(const std::string& name) {
    const SyncResult result = sync(name);
    ASSERT_EQ(to_string(result.status), "success")
        << name << ": " << (result.error ? result.error->what() : "")
        << (result.notes.empty() ? "" : result.notes.front());
  }
  // One batch of `name` every `pause`, all the others taking them in, `count` times.
  void work(const std::string& name, int count, const std::vector<std::string>& others = {},
            std::int64_t pause_ms = 6 * 60 * kMinute) {
    for (int i = 0; i < count; ++i) {
      pass(pause_ms);
      act(name, "INSERT INTO note (text) VALUES ('" + name + " " + std::to_string(++notes_) + "')");
      sync_well(name);
      for (const std::string& other : others) sync_well(other);
    }
  }
  void pass(std::int64_t ms) { time_.now_ms += ms; }

  // The whole computer's part: database and the folder beside it.
  void back_up(const std::string& name, const std::string& as) {
    copy(db(name), folder_.path() / (as + ".backup"));
    copy(paths(name).folder, folder_.path() / (as + ".backup.folder"));
  }
  void restore_database(const std::string& name, const std::string& from) {
    remove_database(name);
    copy(folder_.path() / (from + ".backup"), db(name));
  }
  void restore_folder(const std::string& name, const std::string& from) {
    boost::filesystem::remove_all(paths(name).folder);
    copy(folder_.path() / (from + ".backup.folder"), paths(name).folder);
  }
  void lose_newest_entries(int count) {
    for (; count > 0; --count) {
      const std::string log_folder = newest_name("log");
      const std::string folder = "/nas/log/" + log_folder;
      share_.remove(folder + "/" + newest_name("log/" + log_folder));
      if (share_.list(folder).empty()) share_.remove(folder);
    }
  }
  void lose_base(const std::string& name) {
    for (const char* suffix : {"", "-wal", "-shm"}) {
      Path file = paths(name).base;
      file += suffix;
      boost::filesystem::remove(file);
    }
  }
  void lose_spool(const std::string& name) {
    boost::filesystem::remove_all(paths(name).spool);
    boost::filesystem::create_directory(paths(name).spool);
  }

  std::vector<std::string> names(const std::string& folder) {
    std::vector<std::string> names;
    for (const DirEntry& entry : share_.list("/nas/" + folder)) names.push_back(entry.name);
    return names;
  }
  std::string newest_name(const std::string& folder) {
    const auto all = names(folder);
    return *std::max_element(all.begin(), all.end());
  }
  // Every database, and every base copy, as one text.
  std::string content(const std::string& name, const std::string& table = "note") {
    std::string text;
    for (const auto& row : rows(name, "SELECT * FROM " + table + " ORDER BY 1")) text += row + "\n";
    return text;
  }

  MemoryFileSystem& share() { return share_; }
  CountingFileSystem& counted() { return counted_; }
  sim::NodeClock& clock() { return clock_; }

 private:
  void remove_database(const std::string& name) {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"})
      boost::filesystem::remove(db(name).string() + suffix);
  }
  static void copy(const Path& from, const Path& to) {
    boost::filesystem::remove_all(to);
    boost::filesystem::copy(from, to, boost::filesystem::copy_options::recursive);
  }

  std::uint64_t per_folder_;
  sim::FleetTime time_;
  sim::NodeClock clock_{time_, 0};
  MemoryFileSystem share_{clock_};
  CountingFileSystem counted_{share_};
  DiskFileSystem disk_;
  Random random_{17};
  TempDir folder_{TempDir::Where::kMemory};
  int notes_ = 0;
};

}  // namespace tidesync::test
