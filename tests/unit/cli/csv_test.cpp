#include "cli/csv.h"

#include <gtest/gtest.h>

namespace tidesync {
namespace {

TEST(Csv, CellsAreQuotedWhereTheyNeedIt) {
  EXPECT_EQ(csv_line({"a", "", "b c", "ü"}), "a,,b c,ü\r\n");
  EXPECT_EQ(csv_line({"a,b", "say \"no\""}), "\"a,b\",\"say \"\"no\"\"\"\r\n");
  EXPECT_EQ(csv_line({}), "\r\n");
}

TEST(Csv, CellIsOneLineAndNoCommandToATerminal) {
  const std::string line = csv_line({"a\r\nb\x1b[31m"});
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
}

TEST(Csv, TextThatASpreadsheetWouldCalculateIsText) {
  EXPECT_EQ(csv_line({"=1+1", "@SUM(A1)", "-cmd", "+49 30"}), "'=1+1,'@SUM(A1),'-cmd,'+49 30\r\n");
  EXPECT_EQ(csv_line({"-5", "-1.5", "7", "-", "a=b"}), "-5,-1.5,7,'-,a=b\r\n");
  EXPECT_EQ(csv_line({"=1,2"}), "\"'=1,2\"\r\n");
}

}  // namespace
}  // namespace tidesync
