// The figures of a report, on runs and conflicts made by hand: exact numbers.
#include "inspect/report.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "inspect/report_parts.h"
#include "support/expect_error.h"
#include "support/report_file.h"
#include "support/temp_dir.h"

namespace tidesync {
namespace {

using test::RunRow;

std::int64_t ms(const std::string& iso) {
  std::int64_t at_ms = 0;
  EXPECT_TRUE(parse_iso_utc(iso, at_ms)) << iso;
  return at_ms;
}

class ReportTest : public ::testing::Test {
 protected:
  Report read(const std::string& since = "2026-11-18T00:00:00.000Z",
              const std::string& until = "2026-11-22T00:00:00.000Z", const std::string& node = "") {
    return read_report_of_master(path_, {ms(since), ms(until), node, true});
  }
  const ReportNode& node(const Report& report, const std::string& name) {
    const auto found = std::find_if(report.nodes.begin(), report.nodes.end(),
                                    [&](const ReportNode& n) { return n.node == name; });
    EXPECT_NE(found, report.nodes.end()) << name;
    return *found;
  }

  test::TempDir dir_{test::TempDir::Where::kMemory};
  Path path_ = dir_.path() / "master.db";
  test::ReportFile file_{path_};
};

TEST_F(ReportTest, RunsOfThreeDaysAreCountedByOutcomeAndDay) {
  file_.add({"2026-11-18T08:00:00.000Z"});
  file_.add({"2026-11-18T23:59:59.999Z", "anna", "partial"});
  file_.add({"2026-11-20T00:00:00.000Z", "ben", "error", 50, 0, 0, "no share"});
  const Report report = read();
  EXPECT_EQ(report.totals.runs, 3u);
  EXPECT_EQ(report.totals.success, 1u);
  EXPECT_EQ(report.totals.partial, 1u);
  EXPECT_EQ(report.totals.error, 1u);
  ASSERT_EQ(report.days.size(), 4u);  // also days without a run
  EXPECT_EQ(report.days[0].day, "2026-11-18");
  EXPECT_EQ(report.days[0].success, 1u);
  EXPECT_EQ(report.days[0].partial, 1u);
  EXPECT_EQ(report.days[1].runs(), 0u);
  EXPECT_EQ(report.days[2].error, 1u);
  EXPECT_EQ(report.days[3].day, "2026-11-21");
}

TEST_F(ReportTest, RowThatStandsForManyRunsCountsAsMany) {
  file_.add({"2026-11-18T08:00:00.000Z"});
  file_.add({"2026-11-19T08:00:00.000Z", "anna", "error", 9, 0, 0,
             "open dataset /mnt/nas: the share is not connected (1,234 runs since "
             "2026-11-19T08:00:00.000Z)"});
  file_.add({"2026-11-20T08:00:00.000Z", "anna", "error", 9, 0, 0, "(3 runs since yesterday)"});
  const Report report = read();
  EXPECT_EQ(report.totals.runs, 1236u);
  EXPECT_EQ(report.totals.error, 1235u);
  EXPECT_EQ(report.days[1].error, 1234u);
  EXPECT_EQ(node(report, "anna").failing_runs, 1235u);
  EXPECT_EQ(node(report, "anna").trend[1].failed, 1234u);
  EXPECT_EQ(node(report, "anna").health.state, NodeState::kFailing);
  ASSERT_EQ(report.causes.size(), 2u);
  EXPECT_EQ(report.causes[0].cause, "The share was away");
  EXPECT_EQ(report.causes[0].runs, 1234u);
  EXPECT_EQ(report.causes[1].cause, "(3 runs since yesterday)");
  EXPECT_EQ(report.causes[1].hint, "");
}

TEST_F(ReportTest, DurationsAreMedianAndNinetyFifthOfRunsThatDidNotFail) {
  for (int i = 1; i <= 20; ++i)
    file_.add({"2026-11-19T08:00:00.000Z", "anna", "success", i * 10, 2, 3});
  file_.add({"2026-11-19T09:00:00.000Z", "anna", "error", 99999});
  const Report report = read();
  EXPECT_EQ(report.totals.median_ms, 100);  // the 10th of 20
  EXPECT_EQ(report.totals.p95_ms, 190);     // the 19th of 20
  EXPECT_EQ(report.durations[1].runs, 20u);
  EXPECT_EQ(report.durations[1].median_ms, 100);
  EXPECT_EQ(report.durations[1].p95_ms, 190);
  EXPECT_EQ(report.durations[1].rows_in, 40u);
  EXPECT_EQ(report.durations[1].rows_out, 60u);
  EXPECT_EQ(report.durations[0].median_ms, std::nullopt);
  ASSERT_EQ(report.slowest.size(), 10u);
  EXPECT_EQ(report.slowest[0].duration_ms, 99999);
  EXPECT_EQ(report.slowest[9].duration_ms, 120);
}

TEST_F(ReportTest, OneRunIsItsOwnMedian) {
  file_.add({"2026-11-19T08:00:00.000Z", "anna", "success", 77});
  EXPECT_EQ(read().totals.median_ms, 77);
  EXPECT_EQ(read().totals.p95_ms, 77);
}

TEST_F(ReportTest, ComputerThatDidNotRunInThePeriodIsListedAndBehind) {
  file_.add({"2026-10-01T08:00:00.000Z", "old", "success", 100, 5, 5, "", 3});
  file_.add({"2026-11-21T08:00:00.000Z", "anna", "success", 100, 1, 2, "", 40});
  file_.add({"2026-11-21T09:00:00.000Z", "anna", "error", 100, 0, 0, "no share", 40});
  const Report report = read();
  ASSERT_EQ(report.nodes.size(), 2u);
  const ReportNode& old = node(report, "old");
  EXPECT_EQ(old.runs, 0u);
  EXPECT_EQ(old.rows_in, 0u);
  EXPECT_EQ(old.last_sync, "2026-10-01T08:00:00.000Z");
  EXPECT_EQ(old.behind, 37u);
  EXPECT_EQ(old.health.state, NodeState::kBehind);
  const ReportNode& anna = node(report, "anna");
  EXPECT_EQ(anna.user, "ANNA");
  EXPECT_EQ(anna.last_sync, "2026-11-21T09:00:00.000Z");
  EXPECT_EQ(anna.last_success, "2026-11-21T08:00:00.000Z");
  EXPECT_EQ(anna.failing_runs, 1u);
  EXPECT_EQ(anna.runs, 2u);
  EXPECT_EQ(anna.failed, 1u);
  EXPECT_EQ(anna.rows_in, 1u);
  EXPECT_EQ(anna.rows_out, 2u);
  EXPECT_EQ(anna.seq_after, 40u);
  EXPECT_EQ(anna.behind, 0u);
  EXPECT_EQ(by_urgency(report).front()->node, "old");
}

TEST_F(ReportTest, PeriodBeginsWithItsFirstMomentAndEndsBeforeItsLast) {
  file_.add({"2026-11-17T23:59:59.999Z"});
  file_.add({"2026-11-18T00:00:00.000Z"});
  file_.add({"2026-11-22T00:00:00.000Z"});
  EXPECT_EQ(read().totals.runs, 1u);
}

TEST_F(ReportTest, PeriodWithNothingInItHasNoDaysAndNoFigures) {
  file_.add({"2026-10-01T08:00:00.000Z"});
  const Report report = read();
  EXPECT_EQ(report.totals.runs, 0u);
  EXPECT_EQ(report.totals.median_ms, std::nullopt);
  EXPECT_TRUE(report.days.empty());
  EXPECT_TRUE(report.durations.empty());
  EXPECT_TRUE(report.causes.empty());
  EXPECT_EQ(report.nodes.size(), 1u);
}

TEST_F(ReportTest, OneComputerAloneIsAskedFor) {
  file_.add({"2026-11-19T08:00:00.000Z", "anna"});
  file_.add({"2026-11-19T08:00:00.000Z", "ben"});
  file_.add_conflict("aa01", "2026-11-19T08:00:00.000Z", "anna", "ben");
  file_.add_conflict("aa02", "2026-11-19T08:00:00.000Z", "cleo", "ben");
  const Report report = read("2026-11-18T00:00:00.000Z", "2026-11-22T00:00:00.000Z", "anna");
  EXPECT_EQ(report.totals.runs, 1u);
  EXPECT_EQ(report.nodes.size(), 1u);
  EXPECT_EQ(report.open_conflicts_matching, 1u);
  EXPECT_ERROR(read("2026-11-18T00:00:00.000Z", "2026-11-22T00:00:00.000Z", "nobody"),
               ErrorCode::kNotFound);
}

TEST_F(ReportTest, OpenConflictsOfAnyAgeComeBeforeResolvedOnesOfThePeriod) {
  file_.add({"2026-11-19T08:00:00.000Z"});
  file_.add_conflict("aa01", "2026-01-02T08:00:00.000Z", "anna", "ben");
  file_.add_conflict("aa02", "2026-11-19T08:00:00.000Z", "ben", "anna", "quotes");
  file_.add_conflict("aa03", "2026-11-19T09:00:00.000Z", "anna", "ben", "quotes");
  file_.add_conflict("aa04", "2026-01-02T08:00:00.000Z", "anna", "ben", "units");
  file_.db().exec(
      "UPDATE sync_conflicts SET resolved_at = created_at WHERE id IN ('aa03', 'aa04')");
  const Report report = read();
  ASSERT_EQ(report.conflict_groups.size(), 2u);
  EXPECT_EQ(report.conflict_groups[0].table, "quotes");
  EXPECT_EQ(report.conflict_groups[0].open, 1u);
  EXPECT_EQ(report.conflict_groups[0].resolved, 1u);
  EXPECT_EQ(report.conflict_groups[1].table, "customers");
  ASSERT_EQ(report.conflict_pairs.size(), 1u);
  EXPECT_EQ(report.conflict_pairs[0].node_a, "anna");
  EXPECT_EQ(report.conflict_pairs[0].node_b, "ben");
  EXPECT_EQ(report.conflict_pairs[0].open, 2u);
  EXPECT_EQ(report.conflict_pairs[0].resolved, 1u);
  EXPECT_EQ(report.conflict_pairs[0].won_by_a, 2u);
  ASSERT_EQ(report.open_conflicts.size(), 2u);
  EXPECT_EQ(report.open_conflicts[0].id, "aa02");  // the newest
  EXPECT_EQ(report.open_conflicts_matching, 2u);
}

TEST_F(ReportTest, ManyOpenConflictsAreCountedAndTheNewestShown) {
  for (int i = 0; i < 30; ++i)
    file_.add_conflict("bb" + std::to_string(10 + i),
                       "2026-11-19T08:00:" + std::to_string(10 + i) + ".000Z", "anna", "ben");
  const Report report = read();
  EXPECT_EQ(report.open_conflicts.size(), kShownConflicts);
  EXPECT_EQ(report.open_conflicts_matching, 30u);
  EXPECT_EQ(report.open_conflicts[0].id, "bb39");
}

TEST_F(ReportTest, ConflictThatSomebodySpoiledIsThereAndSaysSo) {
  file_.add_conflict("aa01", "2026-11-19T08:00:00.000Z", "anna", "ben");
  file_.db().exec("UPDATE sync_conflicts SET winner_row = '{not json'");
  const Report report = read();
  ASSERT_EQ(report.open_conflicts.size(), 1u);
  EXPECT_NE(report.open_conflicts[0].rule.find("changed by hand"), std::string::npos);
}

TEST_F(ReportTest, LongPeriodsHaveWeeksAndMonths) {
  file_.add({"2026-08-05T08:00:00.000Z", "anna", "success", 10});  // a Wednesday
  file_.add({"2026-08-09T08:00:00.000Z", "anna", "success", 30});  // the Sunday after
  const Report weeks = read("2026-08-01T00:00:00.000Z", "2026-11-01T00:00:00.000Z");
  EXPECT_EQ(weeks.step, ReportStep::kWeek);
  EXPECT_EQ(weeks.days.front().day, "2026-08-03");
  EXPECT_EQ(weeks.days.front().success, 2u);
  EXPECT_EQ(weeks.days[1].day, "2026-08-10");
  const Report months = read("2020-01-01T00:00:00.000Z", "2026-11-01T00:00:00.000Z");
  EXPECT_EQ(months.step, ReportStep::kMonth);
  EXPECT_EQ(months.days.front().day, "2026-08-01");
  EXPECT_EQ(months.days.back().day, "2026-10-01");
}

TEST(ReportDaysTest, DaysGoOverTheEndsOfMonthsAndYears) {
  EXPECT_EQ(next_day("2026-12-31", ReportStep::kDay), "2027-01-01");
  EXPECT_EQ(next_day("2028-02-28", ReportStep::kDay), "2028-02-29");
  EXPECT_EQ(next_day("2100-02-28", ReportStep::kDay), "2100-03-01");
  EXPECT_EQ(next_day("2026-12-28", ReportStep::kWeek), "2027-01-04");
  EXPECT_EQ(next_day("2026-01-01", ReportStep::kMonth), "2026-02-01");
  EXPECT_EQ(next_day("no day", ReportStep::kDay), "");
  EXPECT_EQ(days_between("2026-11-28", "2026-12-02", ReportStep::kDay).size(), 5u);
  EXPECT_LE(days_between("0001-01-01", "9999-12-31", ReportStep::kDay).size(), 1000u);
}

}  // namespace
}  // namespace tidesync
