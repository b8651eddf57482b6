// references and [tables.*] of config.toml: what is read, and what is refused, with its line.
#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/memory_file_system.h"
#include "sync/config.h"

namespace tidesync {
namespace {

const Path kFile = "/config.toml";
constexpr const char* kStart = "share = \"/s\"\nnode = \"alice\"\n";

Config read_text(const std::string& text) {
  test::MemoryFileSystem fs;
  write_new_file(fs, kFile, kStart + text);
  return read_config(fs, kFile);
}

// The error for the text, which begins at line 3.
std::string problem_of(const std::string& text) {
  try {
    read_text(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_NE(error.hint(), "");
    return error.what();
  }
  return "no problem";
}

void expect_problem(const std::string& text, const std::string& line, const std::string& part) {
  const std::string problem = problem_of(text);
  EXPECT_NE(problem.find("config.toml line " + line + ": "), std::string::npos) << problem;
  EXPECT_NE(problem.find(part), std::string::npos) << problem << "\n lacks: " << part;
}

TEST(ConfigPolicies, EveryChoiceIsRead) {
  const Config config = read_text(
      "references = [\"q.c_id -> c\",\n\"q.d->d.nr\", '\"a.b\".\"c\"\"d\" -> \"e -> f\" . g']\n"
      "[tables.quotes]\nmerge = \"column\"\nprefer = \"manual\"\ndelete = \"delete-wins\"\n"
      "unique = \"merge\"\nsame_key = \"renumber\"\norphan = \"delete\"\n"
      "groups = [[\"qty\", \"price\"], [\"a\", \"b\", \"c\"]]\nadditive = [\"stock\"]\n"
      "[tables.\"odd name\"]\nmerge = \"row\"\n");
  const TablePolicy& quotes = config.policies.tables.at("quotes");
  EXPECT_EQ(quotes.prefer, Preference::kManual);
  EXPECT_EQ(quotes.deletes, DeletePolicy::kDeleteWins);
  EXPECT_EQ(quotes.unique, UniquePolicy::kMerge);
  EXPECT_EQ(quotes.same_key, SameKeyPolicy::kRenumber);
  EXPECT_EQ(quotes.orphan, OrphanPolicy::kDelete);
  EXPECT_EQ(quotes.groups.size(), 2u);
  EXPECT_EQ(quotes.additive, std::vector<std::string>{"stock"});
  EXPECT_EQ(config.policies.tables.at("odd name").merge, MergeUnit::kRow);
  const std::vector<ConfiguredReference> references{
      {"q", "c_id", "c", ""}, {"q", "d", "d", "nr"}, {"a.b", "c\"d", "e -> f", "g"}};
  EXPECT_EQ(config.policies.references, references);
  EXPECT_EQ(config.policy_lines.at("references.1"), 4u);
  EXPECT_EQ(config.policy_lines.at("tables.quotes"), 5u);
  EXPECT_EQ(config.policy_lines.at("tables.quotes.additive"), 13u);
}

TEST(ConfigPolicies, WhatIsWrittenIsReadAgain) {
  Config config = read_text(
      "references = ['\"a.b\".\"c\"\"d\" -> \"e -> f\".g', 'q.c -> c']\n"
      "[tables.\"odd \\\"name\\\".\"]\nadditive = ['x\"y']\ngroups = [['a', 'b']]\n"
      "[tables.q]\nprefer = 'local'\nmerge = 'row'\n");
  test::MemoryFileSystem fs;
  write_config(fs, kFile, config);
  EXPECT_EQ(read_config(fs, kFile).policies, config.policies);
  config.policies = {};
  write_config(fs, kFile, config);
  EXPECT_EQ(read_config(fs, kFile).policies, PolicySet()) << "the example is only a comment";
}

TEST(ConfigPolicies, UnknownKeysAndWordsNameTheirLine) {
  expect_problem("\n[tables.q]\nprefers = \"master\"\n", "5",
                 "unknown key \"prefers\" (did you mean \"prefer\"?)");
  expect_problem("[tables.q]\nprefer = \"oldest\"\n", "4",
                 "prefer must be one of \"newest\", \"master\", \"local\", \"manual\", not "
                 "\"oldest\"");
  expect_problem("[tables.q]\nmerge = \"group\"\n", "4", "\"column\", \"row\"");
  expect_problem("[tables.q]\ndelete = \"never\"\n", "4",
                 "\"newest\", \"edit-wins\", \"delete-wins\"");
  expect_problem("[tables.q]\nunique = \"\"\n", "4", "\"suffix\", \"park\", \"merge\"");
  expect_problem("[tables.q]\nsame_key = true\n", "4", "not true or false");
  expect_problem("[tables.q]\norphan = 1\n", "4", "\"restore\", \"delete\"");
  expect_problem("[table.q]\nprefer = \"local\"\n", "3", "did you mean \"tables\"");
  expect_problem("reference = []\n", "3", "did you mean \"references\"");
}

TEST(ConfigPolicies, ListsOfTheWrongShapeNameTheirLine) {
  expect_problem("[tables.q]\ngroups = [\"qty\", \"price\"]\n", "4", "a list of lists");
  expect_problem("[tables.q]\ngroups = \"qty\"\n", "4", "a list of lists");
  expect_problem("[tables.q]\ngroups = [[\"qty\"]]\n", "4", "two columns or more");
  expect_problem("[tables.q]\ngroups = [[\"qty\", 1]]\n", "4", "column names in quotes");
  expect_problem("[tables.q]\nadditive = \"stock\"\n", "4", "additive = [\"stock\"]");
  expect_problem("[tables.q]\nadditive = [1]\n", "4", "column names in quotes");
  expect_problem("tables = 1\n", "3", "[tables.quotes]");
  expect_problem("tables.q = 1\n", "3", "\"q\" must be a section");
  expect_problem("[tables.Q]\n[tables.q]\n", "4", "stands twice");
  expect_problem("references = \"q.c -> c\"\n", "3", "references must be a list");
}

TEST(ConfigPolicies, AReferenceNeedsTableColumnAndParent) {
  for (const char* text : {"\"q -> c\"", "\"q.c\"", "\"q.c -> \"", "\".c -> d\"", "\"q.c > d\"",
                           "\"q.c -> d.\"", "\"q.c -> d.e f -> g\"", "1", "'\"q.c -> d'"}) {
    expect_problem(std::string("references = [\n  ") + text + "]\n", "4", "TABLE.COLUMN -> PARENT");
  }
}

TEST(ConfigPolicies, ChoicesThatExcludeEachOtherNameTheirLine) {
  expect_problem("[tables.q]\ngroups = [[\"a\", \"b\"]]\nmerge = \"row\"\n", "4",
                 "groups and merge = \"row\" exclude each other");
  expect_problem("[tables.q]\nmerge = \"row\"\nadditive = [\"a\"]\n", "5",
                 "additive and merge = \"row\" exclude each other");
  expect_problem("[tables.q]\nsame_key = \"merge\"\nunique = \"merge\"\n", "5",
                 "unique = \"merge\" and same_key = \"merge\" exclude each other");
}

std::vector<TableShape> tables() {
  std::vector<TableShape> shapes(1);
  shapes[0].name = "q";
  for (const char* name : {"id", "qty", "price", "note"}) {
    shapes[0].columns.emplace_back();
    shapes[0].columns.back().name = name;
    shapes[0].columns.back().decl_type = "TEXT";
  }
  shapes[0].columns[3].text_affinity = true;
  shapes[0].key = {0};
  return shapes;
}

// The error of comparing the text with the table q(id, qty, price, note).
std::string table_problem_of(const std::string& text) {
  const Config config = read_text(text);
  try {
    check_config_policies(kFile, config, tables());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    return error.what();
  }
  return "no problem";
}

TEST(ConfigPolicies, WhatTheTablesRefuseNamesItsLineToo) {
  const struct {
    const char* text;
    const char* expected;
  } cases[] = {
      {"[tables.quotes]\n", "line 3: no synced table is named \"quotes\""},
      {"[tables.q]\n\ngroups = [[\"qty\", \"sum\"]]\n", "line 5: table \"q\" has no synced column"},
      {"[tables.q]\ngroups = [[\"qty\", \"price\"], [\"Price\", \"note\"]]\n",
       "line 4: \"Price\" stands in two groups"},
      {"[tables.q]\ngroups = [[\"id\", \"price\"]]\n", "line 4: \"id\" is part of the key"},
      {"[tables.q]\nadditive = [\"id\"]\n", "line 4: \"id\" is part of the key"},
      {"[tables.q]\nadditive = [\"note\"]\n", "line 4: \"note\" holds text"},
      {"[tables.q]\nadditive = [\"qty\"]\ngroups = [[\"qty\", \"price\"]]\n",
       "line 4: \"qty\" stands in groups too"},
      {"[tables.q]\nsame_key = \"merge\"\n", "line 4: same_key is for tables with INTEGER PRIMARY"},
      {"[tables.q]\nunique = \"park\"\n", "line 4: table \"q\" has no UNIQUE index"},
      {"[tables.q]\norphan = \"delete\"\n", "line 4: table \"q\" refers to no parent"},
      {"references = [\n\"q.qty -> p\"]\n", "line 4: no synced table is named \"p\""},
      {"references = [\n\"q.sum -> q\"]\n", "line 4: table \"q\" has no synced column \"sum\""},
  };
  for (const auto& c : cases) {
    const std::string problem = table_problem_of(c.text);
    EXPECT_NE(problem.find(c.expected), std::string::npos) << c.text << " gave " << problem;
  }
  EXPECT_EQ(table_problem_of("references = [\"q.qty -> q\"]\n[tables.q]\nprefer = \"local\"\n"),
            "no problem");
}

TEST(ConfigPolicies, AFileOfPoliciesAloneIsReadForInit) {
  test::MemoryFileSystem fs;
  write_new_file(fs, kFile, "[tables.q]\nprefer = \"local\"\n");
  Config config;
  read_policies(fs, kFile, config);
  EXPECT_EQ(config.policies.tables.at("q").prefer, Preference::kLocal);
  EXPECT_ERROR(read_policies(fs, "/none.toml", config), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace tidesync
