#include "cli/printer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/display_width.h"
#include "cli/json.h"

namespace tidesync {
namespace {

struct Page {
  explicit Page(std::size_t columns = 0, bool colour = false)
      : terminal{columns > 0, colour, columns}, printer(out, terminal, err, terminal) {}
  std::ostringstream out, err;
  Terminal terminal;
  Printer printer;
};

Table sample() {
  return {{{"name", Fit::kText}, {"rows", Fit::kNumber}, {"why", Fit::kText}},
          {{Cell("Müller"), Cell("1"), Cell("key id")},
           {Cell("日本"), Cell("1,234"), Cell("left out: it has no primary key at all")}},
          {}};
}

TEST(Printer, TableIsAlignedInColumns) {
  Page page;
  page.printer.table(sample());
  EXPECT_EQ(page.out.str(),
            "  name     rows  why\n"
            "  Müller      1  key id\n"
            "  日本    1,234  left out: it has no primary key at all\n");
}

TEST(Printer, TableFitsTheTerminal) {
  for (std::size_t columns = 35; columns < 60; ++columns) {
    Page page(columns);
    page.printer.table(sample());
    std::istringstream lines(page.out.str());
    std::string line, all;
    while (std::getline(lines, line)) {
      EXPECT_LE(display_width(line), columns) << line;
      EXPECT_NE(line.back(), ' ');
      all += line;
    }
    EXPECT_NE(all.find("primary"), std::string::npos);
  }
}

TEST(Printer, NotesStandBelowTheirRow) {
  Page page(30);
  Table table = sample();
  table.rows.pop_back();
  table.notes[0] = "something that is wider than the terminal";
  page.printer.table(table);
  EXPECT_EQ(page.out.str(),
            "  name    rows  why\n"
            "  Müller     1  key id\n"
            "    something that is wider\n"
            "    than the terminal\n");
}

TEST(Printer, EmptyTableShowsItsTitles) {
  Page page;
  page.printer.table({{{"a", Fit::kText}, {"b", Fit::kNumber}}, {}, {}});
  EXPECT_EQ(page.out.str(), "  a  b\n");
}

TEST(Printer, NothingFromADatabaseCommandsTheTerminal) {
  Page page(80, true);
  const std::string nasty = "x\x1B[2Jy\nz\x9B";
  page.printer.line(nasty);
  page.printer.paragraph(nasty);
  page.printer.facts({{"f", Cell(nasty)}});
  page.printer.table({{{"t", Fit::kText}}, {{Cell(nasty)}}, {{0, nasty}}});
  page.printer.error(Error(ErrorCode::kIo, "read", nasty, nasty, nasty));
  const std::string all = page.out.str() + page.err.str();
  EXPECT_EQ(all.find("\x1B[2J"), std::string::npos);
  EXPECT_EQ(all.find('\x9B'), std::string::npos);
  EXPECT_EQ(all.find("y\nz"), std::string::npos);
}

TEST(Printer, ColoursOnlyWhereTheTerminalHasThem) {
  Page plain(80, false);
  plain.printer.line("x", Style::kBad);
  EXPECT_EQ(plain.out.str(), "x\n");
  Page coloured(80, true);
  coloured.printer.line("x", Style::kBad);
  EXPECT_EQ(coloured.out.str(), "\x1B[31mx\x1B[0m\n");
}

TEST(Printer, ColumnsThatMayBeLeftOutGoFromTheLastUntilTheRestFits) {
  const Table table{{{"a", Fit::kWhole},
                     {"bb", Fit::kText, Room::kIfItFits},
                     {"c", Fit::kNumber},
                     {"dddd", Fit::kWhole, Room::kIfItFits}},
                    {{Cell("1"), Cell("22"), Cell("3"), Cell("4")}},
                    {},
                    true};
  const std::map<std::size_t, std::string> expected{{0, "  a  bb  c  dddd\n  1  22  3  4\n"},
                                                    {16, "  a  bb  c  dddd\n  1  22  3  4\n"},
                                                    {15, "  a  bb  c\n  1  22  3\n"},
                                                    {9, "  a  c\n  1  3\n"}};
  for (const auto& [columns, text] : expected) {
    Page page(columns);
    page.printer.table(table);
    EXPECT_EQ(page.out.str(), text) << columns;
  }
}

TEST(Printer, TableGoesOnWithoutTitlesInColumnsThatAreAsWide) {
  Table table{{{"a", Fit::kWhole, Room::kAlways, 5}, {"b", Fit::kWhole}},
              {{Cell("1"), Cell("2")}},
              {},
              true};
  Page page;
  page.printer.table(table);
  table.has_titles = false;
  page.printer.table(table);
  EXPECT_EQ(page.out.str(), "  a      b\n  1      2\n  1      2\n");
}

TEST(Printer, ErrorsNameWhatToDo) {
  Page page;
  page.printer.error(Error(ErrorCode::kIo, "open", "a.db", "it is locked", "close it"));
  EXPECT_EQ(page.err.str(), "tidesync: open a.db: it is locked\n  what to do: close it\n");
  EXPECT_EQ(page.out.str(), "");
}

TEST(Printer, JsonIsOneLineAndSurvivesInvalidText) {
  Page page;
  page.printer.json(error_object(Error(ErrorCode::kBusy, "open", "a\xFF.db", "locked", "wait")));
  EXPECT_EQ(page.out.str(),
            "{\"error\":{\"code\":\"busy\",\"message\":\"open a\xEF\xBF\xBD.db: locked\","
            "\"hint\":\"wait\"}}\n");
}

TEST(Json, SyncResultHasTheReleasedKeysInOrder) {
  SyncResult result;
  result.run = "r";
  result.tables["orders"] = {1, 2, 3};
  result.notes = {"n"};
  EXPECT_EQ(
      to_json(result).dump(),
      "{\"run\":\"r\",\"status\":\"success\",\"direction\":\"bidirectional\",\"pulled\":0,"
      "\"pushed\":0,\"conflicts\":0,\"seq_before\":0,\"seq_after\":0,\"tables\":{\"orders\":"
      "{\"pulled\":1,\"pushed\":2,\"conflicts\":3}},\"master_seq\":0,\"duration_ms\":0,"
      "\"error\":null,\"dry_run\":false,\"put_off\":false,\"bytes_pulled\":0,\"bytes_pushed\":0,"
      "\"share_bytes_read\":0,\"share_bytes_written\":0,\"failing_runs\":0,"
      "\"failing_since\":null,\"notes\":[\"n\"]}");
  result.error = Error(ErrorCode::kBusy, "open", "a.db", "locked", "wait");
  EXPECT_EQ(to_json(result)["error"]["code"], "busy");
}

}  // namespace
}  // namespace tidesync
