// The page, the tables and the files of a report: the same figures, and nothing from a database
// that is more than text.
#include "cli/report_html.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/report_files.h"
#include "cli/report_parts.h"
#include "support/expect_error.h"
#include "support/faulty_file_system.h"
#include "support/memory_file_system.h"

namespace tidesync {
namespace {

constexpr const char* kEvil = "<script>alert('1')</script>\"&";

Report small_report() {
  Report report;
  report.options = {1763683200000, 1763856000000, "", true};
  report.source = "/data/master.db";
  report.totals = {1234, 1200, 4, 30, 5, 6, 1, "", "", 420, 1900};
  report.days = {{"2026-11-20", 1200, 4, 30}, {"2026-11-21", 0, 0, 0}};
  report.durations = {{"2026-11-20", 1204, 420, 1900, 5, 6}, {"2026-11-21", 0, {}, {}, 0, 0}};
  ReportNode node;
  node.node = "anna";
  node.runs = 1234;
  node.failed = 30;
  node.trend = {{1234, 30}, {0, 0}};
  node.health = {NodeState::kFailing, "the last 3 runs failed"};
  report.nodes = {node};
  report.causes = {{"The share was away", "Wait.", "error", 30, 1, "", "", "gone"}};
  return report;
}

std::size_t count_in(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(ReportHtmlTest, NamesWithMarkupAreOnlyText) {
  Report report = small_report();
  report.source = kEvil;
  report.share_problem = kEvil;
  report.options.node = kEvil;
  report.nodes[0].node = kEvil;
  report.nodes[0].user = kEvil;
  report.nodes[0].host = kEvil;
  report.nodes[0].version = kEvil;
  report.nodes[0].health.reason = kEvil;
  report.share_read = true;
  report.days[0].day = kEvil;
  report.conflict_groups = {{kEvil, kEvil, 1, 0, kEvil}};
  report.conflict_pairs = {{kEvil, kEvil, 1, 0, 0}};
  report.slowest = {{kEvil, kEvil, kEvil, 5, kEvil, 0, 0, kEvil}};
  report.causes[0] = {kEvil, kEvil, kEvil, 1, 1, kEvil, kEvil, kEvil};
  ConflictRow conflict;
  conflict.id = conflict.table = conflict.kind = conflict.rule = conflict.created_at = kEvil;
  conflict.winner_node = conflict.loser_node = conflict.winner_user = conflict.loser_user = kEvil;
  conflict.key = {{kEvil, Value::text(kEvil)}};
  conflict.base = conflict.winner = {{kEvil, Value::text(kEvil)}};
  conflict.loser = {{kEvil, Value::text("other")}};
  report.open_conflicts = {conflict};
  report.conflict_ids = {kEvil};
  report.open_conflicts_matching = 1;
  const std::string html = report_html(report);
  EXPECT_EQ(count_in(html, "<script"), 0u);
  EXPECT_EQ(count_in(html, "'1'"), 0u);  // no quote of it is left as it was
  EXPECT_GT(count_in(html, "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;"), 20u);
}

TEST(ReportHtmlTest, ControlCharactersAndBrokenUtf8AreMadePrintable) {
  EXPECT_EQ(html_escape("a\x1B[31m"), html_escape(html_escape("a\x1B[31m")));
  EXPECT_EQ(html_escape("\xFF").find('\xFF'), std::string::npos);
}

TEST(ReportHtmlTest, PageNeedsNothingFromElsewhere) {
  const std::string html = report_html(small_report());
  EXPECT_EQ(count_in(html, "http://") + count_in(html, "https://"), 0u);
  EXPECT_EQ(count_in(html, "src=") + count_in(html, "@import") + count_in(html, "url(") -
                count_in(html, "url(#failed)"),
            0u);
  EXPECT_EQ(count_in(html, "default-src 'none'"), 1u);
  EXPECT_GE(count_in(html, "role=\"img\""), 4u);
}

TEST(ReportHtmlTest, EveryNumberOfAChartStandsInATable) {
  const std::string html = report_html(small_report());
  EXPECT_NE(html.find(">1,200</td>"), std::string::npos);
  EXPECT_NE(html.find(">30</td>"), std::string::npos);
  EXPECT_NE(html.find(">420 ms</td>"), std::string::npos);
  EXPECT_NE(html.find(">1.9 s</td>"), std::string::npos);
  EXPECT_NE(html.find("1,234 <small>30 failed</small></td>"), std::string::npos);
}

TEST(ReportHtmlTest, EmptyReportSaysSoInEverySection) {
  Report report;
  report.options = {1763683200000, 1763856000000, "", true};
  const std::string html = report_html(report);
  EXPECT_NE(html.find("No computer has synced yet."), std::string::npos);
  EXPECT_NE(html.find("No run in this period."), std::string::npos);
  EXPECT_NE(html.find("Nothing failed."), std::string::npos);
  EXPECT_EQ(count_in(html, "nan"), 0u);
}

TEST(ReportHtmlTest, HeadlineNamesWhoNeedsALook) {
  Report report = small_report();
  EXPECT_EQ(report_headline(report),
            "1 of 1 computer needs a look: anna (the last 3 runs failed).");
  report.nodes[0].health = {NodeState::kOk, ""};
  EXPECT_EQ(report_headline(report), "The computer syncs.");
  report.nodes.assign(8, report.nodes[0]);
  EXPECT_EQ(report_headline(report), "All 8 computers sync.");
  for (ReportNode& node : report.nodes) node.health = {NodeState::kBehind, "old"};
  EXPECT_EQ(report_headline(report),
            "8 of 8 computers need a look: anna (old), anna (old), anna (old), and 5 more.");
}

TEST(ReportDataTest, JsonAndCsvAndPageHaveTheSameFigures) {
  const Report report = small_report();
  const auto json = report_json(report);
  EXPECT_EQ(json["totals"]["runs"], 1234);
  EXPECT_EQ(json["totals"]["median_ms"], 420);
  EXPECT_EQ(json["runs_per_day"].size(), 2u);
  for (const ReportTable& table : report_tables(report)) {
    const std::string csv = report_csv(table);
    EXPECT_EQ(count_in(csv, "\r\n"), table.rows.size() + 1) << table.key;
    const auto& told = json[table.key];
    EXPECT_EQ(table.is_single ? 1u : told.size(), table.rows.size()) << table.key;
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
      const auto& object = table.is_single ? told : told[row];
      for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const auto* number = std::get_if<std::int64_t>(&table.rows[row][i]);
        if (number == nullptr) continue;
        EXPECT_EQ(object[table.columns[i].key], *number) << table.key;
      }
    }
  }
  EXPECT_NE(report_csv(table_of(report_tables(report), "runs_per_day"))
                .find("day,success,partial,error\r\n2026-11-20,1200,4,30\r\n"),
            std::string::npos);
}

class ReportFilesTest : public ::testing::Test {
 protected:
  ReportFilesTest() { fs_.create_directory("/out"); }
  test::MemoryFileSystem fs_;
  Report report_ = small_report();
};

TEST_F(ReportFilesTest, PageAndAllTablesAreWritten) {
  const ReportFiles files{"/out/report.html", "/out/tables", false};
  check_report_files(fs_, files);
  EXPECT_EQ(write_report_files(fs_, files, report_).size(), 12u);
  EXPECT_TRUE(fs_.stat("/out/tables/nodes.csv"));
  EXPECT_EQ(fs_.list("/out").size(), 2u);  // nothing else is left
  check_report_files(fs_, {"", "/out/all.csv", false});
  EXPECT_EQ(write_report_files(fs_, {"", "/out/all.csv", false}, report_).size(), 1u);
}

TEST_F(ReportFilesTest, FileThatExistsStaysUnlessForced) {
  write_new_file(fs_, "/out/report.html", "mine");
  EXPECT_ERROR(check_report_files(fs_, {"/out/report.html", "", false}), ErrorCode::kAlreadyExists);
  check_report_files(fs_, {"/out/report.html", "", true});
  fs_.create_directory("/out/tables");
  write_new_file(fs_, "/out/tables/nodes.csv", "mine");
  EXPECT_ERROR(check_report_files(fs_, {"", "/out/tables", false}), ErrorCode::kAlreadyExists);
}

TEST_F(ReportFilesTest, FullDiskLeavesNothingHalfWrittenAndTheOldPage) {
  using test::FsOp;
  write_new_file(fs_, "/out/report.html", "mine");
  for (const FsOp op : {FsOp::kWrite, FsOp::kSync, FsOp::kClose, FsOp::kRename}) {
    test::FaultyFileSystem faulty(
        fs_, test::at_every(op, test::FaultAction::fail_before(ErrorCode::kDiskFull)));
    EXPECT_ERROR(write_report_files(faulty, {"/out/report.html", "", true}, report_),
                 ErrorCode::kDiskFull);
    EXPECT_EQ(fs_.list("/out").size(), 1u);
    EXPECT_EQ(read_file(fs_, "/out/report.html", 100), "mine");
  }
}

TEST_F(ReportFilesTest, FolderInPlaceOfAFileAndMissingFoldersAreRefused) {
  EXPECT_ERROR(check_report_files(fs_, {"/out", "", true}), ErrorCode::kAlreadyExists);
  EXPECT_ERROR(check_report_files(fs_, {"/none/report.html", "", true}), ErrorCode::kNotFound);
  EXPECT_ERROR(check_report_files(fs_, {"", "/none/tables", true}), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace tidesync
