// One run at a time per database, and the application works on meanwhile.
#include <atomic>
#include <boost/filesystem/operations.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
#include <thread>

#include "base/process_lock.h"
#include "cli/cli_fixture.h"

namespace tidesync::test {
namespace {

using Clock = std::chrono::steady_clock;

std::int64_t ms_since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

class Guard : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    start_fleet({"anna", "ben"}, sample("quoting.db"));
  }
  Words now_words(const std::string& name) { return {"now", "--db", db(name).string(), "--json"}; }
};

TEST_F(Guard, SecondRunSaysSoAtOnce) {
  const auto lock = ProcessLock::try_acquire(side("anna") / "lock", "held by a test");
  ASSERT_NE(lock, nullptr);
  sql(db("anna"), "UPDATE units SET name = 'x' WHERE code = 'm'");
  const auto before = snapshot(share());
  const auto start = Clock::now();
  const Outcome second = now("anna", {"--json"});
  EXPECT_LT(ms_since(start), 2000);
  EXPECT_EQ(second.exit_code, 5) << second.text();
  EXPECT_EQ(second.json()["error"]["code"], "already_running");
  EXPECT_EQ(command("anna", "leave", {"--force"}).exit_code, 5);
  EXPECT_EQ(changed_since(before, share()), "");
  EXPECT_EQ(now("ben").exit_code, 0) << "another database on this computer";
  EXPECT_EQ(command("anna", "status").exit_code, 0) << "a question may always be asked";
}

TEST_F(Guard, SecondRunWhileTheFirstWaitsForTheApplication) {
  sql(db("ben"), "UPDATE units SET name = 'x' WHERE code = 'm'");
  now_ok("ben");
  configure("anna", "patience", "\"30s\"");
  Database application = open_as_application(db("anna"));
  application.exec("BEGIN IMMEDIATE");
  const Path lock = side("anna") / "lock";
  std::ofstream(lock.string(), std::ios::trunc).flush();
  Process first(now_words("anna"));
  while (boost::filesystem::file_size(lock) == 0 && !first.ended_within_ms(1)) {
  }  // until it has put its note into the lock file
  const Outcome second = now("anna");
  EXPECT_EQ(second.exit_code, 5) << second.text();
  EXPECT_FALSE(first.ended_within_ms(0));
  application.exec("ROLLBACK");
  const Outcome outcome = first.wait();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
  EXPECT_EQ(outcome.json()["pulled"], 1);
}

TEST_F(Guard, KilledRunHoldsNothing) {
  sql(db("ben"), "UPDATE units SET name = 'x' WHERE code = 'm'");
  now_ok("ben");
  configure("anna", "patience", "\"30s\"");
  {
    Database application = open_as_application(db("anna"));
    application.exec("BEGIN IMMEDIATE");
    Process first(now_words("anna"));
    EXPECT_FALSE(first.ended_within_ms(300));
    first.send(SIGKILL);
    EXPECT_EQ(first.wait().exit_code, 128 + SIGKILL);
  }
  EXPECT_EQ(now_ok("anna")["pulled"], 1);
}

// Commits without a pause, as an application with a busy user, and reads its own work back.
class BusyApplication {
 public:
  BusyApplication(const Path& file, const std::string& series)
      : thread_([this, file, series] { work(file, series); }) {}
  ~BusyApplication() {
    if (thread_.joinable()) stop();
  }
  void stop() {
    stop_ = true;
    thread_.join();
  }
  int rows() const { return rows_; }
  const std::string& error() const { return error_; }
  std::int64_t longest_ms() const { return longest_ms_; }

 private:
  void work(const Path& file, const std::string& series) {
    try {
      Database db = open_as_application(file);
      db.set_busy_timeout_ms(5000);
      while (!stop_) {
        const auto start = Clock::now();
        const std::string number = std::to_string(rows_);
        db.exec(
            "BEGIN IMMEDIATE; INSERT INTO manual_quotes (number, customer_name, subject)"
            " VALUES ('" +
            series + number +
            "', 'n', 's');"
            "UPDATE components SET stock = stock + 1 WHERE id = 1 + " +
            number +
            " % 50;"
            "DELETE FROM manual_quotes WHERE number = '" +
            series + number + "' AND " + number + " % 3 = 0; COMMIT");
        if (db.get_int("SELECT sum(stock) FROM components WHERE id <= 50") != ++rows_ + stock_) {
          error_ = "an edit is gone at once";
          return;
        }
        longest_ms_ = std::max(longest_ms_, ms_since(start));
        std::this_thread::sleep_for(std::chrono::microseconds(200));
      }
    } catch (const std::exception& error) {
      error_ = error.what();
    }
  }

  std::atomic<bool> stop_{false};
  int rows_ = 0;
  std::int64_t stock_ = 0;
  std::int64_t longest_ms_ = 0;
  std::string error_;
  std::thread thread_;  // last: works with all of the above
};

TEST_F(Guard, ApplicationReadsAndWritesDuringSyncs) {
  sql(db("anna"), "UPDATE components SET stock = 0 WHERE id <= 50");
  settle({"anna", "ben"});
  for (const std::string journal : {"DELETE", "WAL"}) {
    SCOPED_TRACE(journal);
    sql(db("anna"),
        "PRAGMA journal_mode = " + journal + "; UPDATE components SET stock = 0 WHERE id <= 50");
    settle({"anna", "ben"});
    BusyApplication application(db("anna"), journal);
    for (int i = 0; i < 10; ++i) {
      sql(db("ben"), "UPDATE quotes SET title = title || '.' WHERE id % 10 = " + std::to_string(i));
      now_ok("ben");
      now_ok("anna");
    }
    application.stop();
    EXPECT_EQ(application.error(), "");
    EXPECT_GT(application.rows(), 50);
    std::cout << "  " << journal << ": " << application.rows() << " commits, the longest took "
              << application.longest_ms() << " ms\n";
    settle_and_expect_all_equal({"anna", "ben"});
    for (const std::string name : {"anna", "ben"}) {
      const int rows = application.rows();
      EXPECT_EQ(ask(db(name), "SELECT sum(stock) FROM components WHERE id <= 50"),
                std::to_string(rows));
      EXPECT_EQ(count(db(name), "manual_quotes WHERE number LIKE '" + journal + "%'"),
                rows - (rows + 2) / 3);
      EXPECT_EQ(conflicts(name), "");
    }
  }
}

}  // namespace
}  // namespace tidesync::test
