#include "share/backups.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "unit/share/dataset_fixture.h"

namespace tidesync::test {
namespace {

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;
constexpr std::int64_t kNow = 1'795'000'000'000;

TEST(BackupNameTest, ComesBackAsWritten) {
  Random random(1);
  const auto master = parse_backup_name(master_backup_name(kNow, Seq{42}));
  ASSERT_TRUE(master);
  EXPECT_EQ(master->kind, BackupKind::kMaster);
  EXPECT_EQ(master->at_ms, kNow);
  EXPECT_EQ(master->seq, Seq{42});
  const auto edited = parse_backup_name(hand_edited_name(kNow, random));
  ASSERT_TRUE(edited);
  EXPECT_EQ(edited->kind, BackupKind::kHandEdited);
  EXPECT_EQ(edited->at_ms, kNow);
}

TEST(BackupNameTest, NamesOfOthersAreNone) {
  for (const char* name :
       {"", "master", "master-", "master-2026-11-21", "master-2026-11-21-100000",
        "master-2026-11-21-100000-", "master-2026-11-21-100000-42",
        "master-2026-13-21-100000-00000042", "master-2026-11-21-250000-00000042",
        "master-2026-11-21-100000-00000042-mine", "Master-2026-11-21-100000-00000042",
        "hand-edited-2026-11-21-100000-xyzw", "hand-edited-2026-11-21-100000-1f3a0",
        "before-the-move", "master-2026-11-21-10000\xff-00000042"}) {
    EXPECT_FALSE(parse_backup_name(name)) << name;
  }
}

BackupNote sample_note() {
  BackupNote note;
  note.share_id = Uuid(32, 'a');
  note.seq = Seq{42};
  note.state = digest_of("state");
  note.digest = digest_of("file");
  note.size = 4096;
  note.made_by = "alice";
  note.made_at_ms = kNow;
  return note;
}

void expect_refused(const std::string& text, ErrorCode code) {
  EXPECT_ERROR(check_backup_note(text, "x.json", Uuid(32, 'a')), code);
}

std::string changed(const std::string& from, const std::string& to) {
  std::string text = to_json(sample_note());
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(BackupNoteTest, ComesBackAsWritten) {
  const BackupNote note = check_backup_note(to_json(sample_note()), "x.json", Uuid(32, 'a'));
  EXPECT_EQ(note.seq, Seq{42});
  EXPECT_EQ(note.state, digest_of("state"));
  EXPECT_EQ(note.digest, digest_of("file"));
  EXPECT_EQ(note.size, 4096U);
  EXPECT_EQ(note.made_by, "alice");
  EXPECT_EQ(note.made_at_ms, kNow);
}

TEST(BackupNoteTest, WhatIsNotToBeUsedSaysWhy) {
  EXPECT_ERROR(check_backup_note(std::nullopt, "x.json", Uuid(32, 'a')), ErrorCode::kNotFound);
  expect_refused("", ErrorCode::kDamaged);
  expect_refused("[1,2", ErrorCode::kDamaged);
  expect_refused(std::string(100'000, '['), ErrorCode::kDamaged);
  expect_refused("{}", ErrorCode::kDamaged);
  expect_refused(R"({"format":2})", ErrorCode::kTooNew);
  expect_refused(changed("aaaa", "bbbb"), ErrorCode::kWrongShare);
  expect_refused(changed(": 42", ": -42"), ErrorCode::kDamaged);
  expect_refused(changed(": 4096", ": \"4096\""), ErrorCode::kDamaged);
  expect_refused(changed("\"alice\"", "\"../alice\""), ErrorCode::kDamaged);
  expect_refused(changed(digest_of("file").hex(), ""), ErrorCode::kDamaged);
  expect_refused(changed("\"master\"", "\"something\""), ErrorCode::kDamaged);
}

// Days before now, of those that stay.
std::vector<std::int64_t> kept_days(const std::vector<std::int64_t>& ages, const KeepRule& rule) {
  std::vector<std::int64_t> times;
  for (const std::int64_t age : ages) times.push_back(kNow - age * kDayMs);
  std::set<std::int64_t> kept(ages.begin(), ages.end());
  for (const std::size_t i : backups_to_remove(times, kNow, rule)) kept.erase(ages[i]);
  return {kept.begin(), kept.end()};
}

std::vector<std::int64_t> days(std::int64_t from, std::int64_t to) {
  std::vector<std::int64_t> all;
  for (std::int64_t day = from; day < to; ++day) all.push_back(day);
  return all;
}

TEST(KeepRuleTest, OfTwoYearsOfDaysAFewStay) {
  const auto kept = kept_days(days(0, 730), KeepRule{});
  for (std::int64_t day = 0; day < 7; ++day) EXPECT_EQ(kept.at(static_cast<std::size_t>(day)), day);
  const auto between = [&](std::int64_t from, std::int64_t to) {
    return std::count_if(kept.begin(), kept.end(),
                         [&](std::int64_t day) { return day >= from && day < to; });
  };
  EXPECT_GE(between(7, 63), 8);
  EXPECT_LE(between(7, 63), 9);  // weeks begin on Monday
  EXPECT_GE(between(63, 435), 12);
  EXPECT_LE(between(63, 435), 14);
  EXPECT_EQ(between(435, 730), 0);
}

// Removing every day must come to the same as removing once.
TEST(KeepRuleTest, StaysTrueWhenAppliedDayByDay) {
  std::set<std::int64_t> standing;  // days since the first
  for (std::int64_t today = 0; today < 400; ++today) {
    standing.insert(today);
    std::vector<std::int64_t> list(standing.begin(), standing.end());
    std::vector<std::int64_t> times;
    for (const std::int64_t day : list) times.push_back(kNow + day * kDayMs);
    for (const std::size_t i : backups_to_remove(times, kNow + today * kDayMs, KeepRule{}))
      standing.erase(list[i]);
    EXPECT_LE(standing.size(), 30U);
  }
  EXPECT_GE(standing.size(), 7U + 8U + 10U);
  EXPECT_LT(*standing.begin(), 60);
}

TEST(KeepRuleTest, TheNewestAlwaysStays) {
  EXPECT_EQ(kept_days({5000, 4000}, KeepRule{}), (std::vector<std::int64_t>{4000}));
  EXPECT_EQ(kept_days({}, KeepRule{}), std::vector<std::int64_t>{});
  EXPECT_EQ(kept_days({3}, KeepRule{0, 0, 0, std::nullopt}), (std::vector<std::int64_t>{3}));
  EXPECT_EQ(kept_days(days(0, 50), KeepRule{7, 8, 12, 3}), (std::vector<std::int64_t>{0, 1, 2}));
}

// A clock that was wrong must not make others remove its copies.
TEST(KeepRuleTest, CopiesFromTheFutureStay) {
  EXPECT_EQ(kept_days({-400, -400 + 1, 0}, KeepRule{}).size(), 3U);
}

TEST(KeepRuleTest, IsReadAsText) {
  EXPECT_EQ(to_string(*parse_keep_rule("7d 8w 12m")), "7d 8w 12m");
  EXPECT_EQ(to_string(*parse_keep_rule("20")), "20");
  for (const char* text : {"", "0", "-1", "7d", "7d 8w", "7d 8w 12m 1y", "7w 8d 12m", "7d8w12m",
                           "d w m", "7d 8w 99999999999m", "7d  8w 12m", "7d 8w 12m "}) {
    EXPECT_FALSE(parse_keep_rule(text)) << text;
  }
}

class BackupsTest : public DatasetFixture {
 protected:
  Backups backups_{fs_, dataset_};
  BackupNote note() {
    BackupNote note = sample_note();
    note.share_id = dataset_.format().share_id;
    return note;
  }
  BackupName name(std::int64_t age_days) {
    return *parse_backup_name(master_backup_name(kNow - age_days * kDayMs, Seq{42}));
  }
};

TEST_F(BackupsTest, CopyComesBackWhole) {
  create();
  write_new_file(local_, "copy", "the state");
  backups_.put(name(0), note(), local_, "copy");
  const auto listed = backups_.list();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_TRUE(listed[0].has_note);
  EXPECT_EQ(listed[0].size, 9U);
  const BackupNote found = backups_.read_note(name(0));
  backups_.fetch(name(0), found, local_, "back");
  EXPECT_EQ(read_file(local_, "back", kAnySize), "the state");
  EXPECT_EQ(staged(), 0U);
}

TEST_F(BackupsTest, ChangedCopyIsRefused) {
  create();
  write_new_file(local_, "copy", "the state");
  backups_.put(name(0), note(), local_, "copy");
  const BackupNote found = backups_.read_note(name(0));
  replace_file(share_, "nas/x", Path("nas/backups") / (name(0).name + ".db"), "the stale");
  EXPECT_ERROR(backups_.fetch(name(0), found, local_, "back"), ErrorCode::kDamaged);
  EXPECT_FALSE(local_.stat("back"));
}

TEST_F(BackupsTest, WhatIsNotOursIsNeverRemoved) {
  create();
  write_new_file(local_, "copy", "the state");
  for (const std::int64_t age : {0, 1000, 1001}) backups_.put(name(age), note(), local_, "copy");
  const std::vector<std::string> foreign{"master-of-the-universe.db", "before the move.db",
                                         name(2000).name + ".db",  // without a note
                                         "hand-edited-2020-01-01-000000-1f3a.db",
                                         "hand-edited-2020-01-01-000000-1f3a.json"};
  for (const std::string& file : foreign) write_new_file(share_, Path("nas/backups") / file, "x");
  const auto gone = backups_.prune(kNow, KeepRule{});
  EXPECT_EQ(gone, (std::vector<std::string>{name(1000).name, name(1001).name}));
  for (const std::string& file : foreign) EXPECT_TRUE(share_.stat(Path("nas/backups") / file));
  EXPECT_EQ(share_.list("nas/backups").size(), foreign.size() + 2);
}

TEST_F(BackupsTest, FullShareLeavesNoHalfCopy) {
  create();
  write_new_file(local_, "copy", "the state");
  faulty_.set_hook(disk_full_at(FsOp::kSync));
  EXPECT_THROW(backups_.put(name(0), note(), local_, "copy"), Error);
  faulty_.set_hook({});
  EXPECT_TRUE(backups_.list().empty());
  EXPECT_EQ(staged(), 0U);
}

}  // namespace
}  // namespace tidesync::test
