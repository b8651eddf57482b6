// Files on the share that were cut or changed: what an ordinary run notices it puts right, and what
// cannot be put right ends with a clear word. Never is a row taken from a damaged file. (Every byte
// of every file, in process: tests/unit/share/*damage_test.cpp.)
#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <fstream>
#include <iterator>

#include "cli/cli_fixture.h"
#include "share/batch_file.h"

namespace tidesync::test {
namespace {

const char* const kTables =
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, city TEXT);"
    "INSERT INTO customer VALUES (1, 'Berg', 'Ulm'), (2, 'Tal', 'Bonn')";

std::string read(const Path& file) {
  std::ifstream stream(file.string(), std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void write(const Path& file, const std::string& bytes) {
  std::ofstream(file.string(), std::ios::binary | std::ios::trunc) << bytes;
}

std::string with_flipped_bit(std::string bytes, std::size_t at) {
  bytes.at(at) = static_cast<char>(bytes[at] ^ (1 << (at % 8)));
  return bytes;
}

class Damage : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    start_fleet_sql({"anna", "ben"}, kTables);
    for (const char* city : {"Rom", "Paris", "Wien"}) {
      sql(db("anna"), std::string("UPDATE customer SET city = '") + city + "' WHERE id = 1");
      now_ok("anna");
    }
    settle({"anna", "ben"});
    for (const auto& entry : boost::filesystem::directory_iterator(share() / "log" / "0000000")) {
      entries_.push_back(entry.path());
    }
    std::sort(entries_.begin(), entries_.end());
  }

  // The next run of a computer that has published it or taken it in brings it back as it was.
  void expect_healed(const Path& entry, const std::string& damaged, const std::string& what) {
    SCOPED_TRACE(what);
    const std::string whole = read(entry);
    write(entry, damaged);
    now_ok(healer_);
    EXPECT_TRUE(read(entry) == whole) << "not as it was";
    write(entry, whole);  // for the next damage
  }
  void expect_cuts_healed(const Path& entry) {
    const std::string whole = read(entry);
    const std::size_t size = whole.size();
    for (std::size_t cut = 0; cut < size; cut += cut < 20 ? 5 : size / 13) {
      expect_healed(entry, whole.substr(0, cut), "cut to " + std::to_string(cut));
    }
    for (const std::size_t lost : {kBatchTrailerBytes + 1, kBatchTrailerBytes, std::size_t{1}}) {
      expect_healed(entry, whole.substr(0, size - lost), std::to_string(lost) + " bytes lost");
    }
    expect_healed(entry, whole + "x", "a byte behind it");
  }
  void expect_fresh_computer_joins(const std::string& name) {
    const Outcome outcome = join(name);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.text();
    EXPECT_EQ(ask(db(name), "SELECT city FROM customer WHERE id = 1"), "Wien");
    settle_and_expect_all_equal({"anna", "ben", name});
  }

  std::vector<Path> entries_;
  std::string healer_ = "ben";
};

TEST_F(Damage, NewestEntryCutAnywhereIsPutBackByteByByte) {
  expect_cuts_healed(entries_.back());
  expect_fresh_computer_joins("carl");
}

TEST_F(Damage, OlderEntryCutAnywhereIsPutBackByteByByte) {
  expect_cuts_healed(entries_.at(1));
  healer_ = "anna";  // ben joined after it
  expect_cuts_healed(entries_.front());
  expect_fresh_computer_joins("carl");
}

// All of the trailer but its CRC, which only a full check reads.
TEST_F(Damage, NewestEntryWithADamagedTrailerIsPutBack) {
  const std::string whole = read(entries_.back());
  for (std::size_t at = whole.size() - kBatchTrailerBytes; at < whole.size() - 4; at += 3) {
    expect_healed(entries_.back(), with_flipped_bit(whole, at), "byte " + std::to_string(at));
  }
  expect_fresh_computer_joins("carl");
}

// A copy that is damaged itself is worth nothing: it stays here.
TEST_F(Damage, NothingIsPutBackFromADamagedCopy) {
  const std::string whole = read(entries_.back());
  for (const auto& copy : boost::filesystem::directory_iterator(side("ben") / "spool")) {
    if (read(copy.path()) == whole) write(copy.path(), with_flipped_bit(whole, 400));
  }
  boost::filesystem::remove(entries_.back());
  const auto refused = now_with(1, "ben");
  EXPECT_EQ(refused["error"]["code"], "damaged") << refused.dump();
  EXPECT_FALSE(boost::filesystem::exists(entries_.back()));
  now_ok("anna");
  EXPECT_TRUE(read(entries_.back()) == whole);
  now_ok("ben");
  expect_fresh_computer_joins("carl");
}

// Whoever has not yet taken it in refuses it whole.
TEST_F(Damage, NewComputerTakesNothingFromADamagedLog) {
  const std::string whole = read(entries_.at(1));
  for (std::size_t at = 0; at < whole.size(); at += 97) {
    write(entries_.at(1), with_flipped_bit(whole, at));
    const Outcome outcome = join("carl");
    EXPECT_EQ(outcome.exit_code, 1) << at << outcome.text();
    EXPECT_FALSE(boost::filesystem::exists(db("carl"))) << at;
  }
  write(entries_.at(1), whole);
  expect_fresh_computer_joins("carl");
}

TEST_F(Damage, FormatFileCutOrChangedNeverCostsAnything) {
  const Path file = share() / "format.json";
  const std::string whole = read(file);
  sql(db("anna"), "UPDATE customer SET city = 'Oslo' WHERE id = 2");
  const auto expect_a_clear_end = [&](const std::string& damaged, const std::string& what) {
    SCOPED_TRACE(what);
    write(file, damaged);
    for (const std::string name : {"anna", "ben"}) {
      const Outcome outcome = now(name);
      const bool ended = outcome.exit_code == 0 || outcome.exit_code == 1 ||
                         outcome.exit_code == 4 || outcome.exit_code == 6;
      EXPECT_TRUE(ended) << outcome.text();
      EXPECT_TRUE(outcome.exit_code == 0 || !outcome.err.empty()) << outcome.text();
    }
    EXPECT_EQ(count(db("ben"), "customer"), 2);
  };
  for (std::size_t at = 0; at < whole.size(); at += 11) {
    expect_a_clear_end(whole.substr(0, at), "cut to " + std::to_string(at));
    expect_a_clear_end(with_flipped_bit(whole, at), "byte " + std::to_string(at));
  }
  write(file, whole);
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(ask(db("ben"), "SELECT city FROM customer WHERE id = 2"), "Oslo");
}

// Nothing needs them; what reads them says so.
TEST_F(Damage, NotesCutOrChangedStopNothing) {
  int edits = 0;
  for (const Path& file : {share() / "master.json", share() / "nodes" / "anna.json"}) {
    const std::string whole = read(file);
    const auto expect_no_harm = [&](const std::string& damaged, const std::string& what) {
      SCOPED_TRACE(file.filename().string() + " " + what);
      write(file, damaged);
      EXPECT_EQ(command("ben", "status").exit_code, 0);
      sql(db("anna"), "UPDATE customer SET city = '" + std::to_string(++edits) + "' WHERE id = 2");
      now_ok("anna");
      now_ok("ben");
    };
    for (std::size_t at = 0; at < whole.size(); at += 29) {
      expect_no_harm(whole.substr(0, at), "cut to " + std::to_string(at));
      expect_no_harm(with_flipped_bit(whole, at), "byte " + std::to_string(at));
    }
    expect_no_harm(std::string(60'000, '['), "of brackets");
    expect_no_harm(R"({"seq":5,"state":7,"node":[],"at":{}})", "of wrong types");
  }
  settle_and_expect_all_equal({"anna", "ben"});
  EXPECT_EQ(ask(db("ben"), "SELECT city FROM customer WHERE id = 2"), std::to_string(edits));
}

}  // namespace
}  // namespace tidesync::test
