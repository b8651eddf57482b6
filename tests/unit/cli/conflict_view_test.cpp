// One conflict on a terminal of 80 columns, and where nobody looks.
#include "cli/conflict_view.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/display_width.h"
#include "support/memory_file_system.h"

namespace tidesync {
namespace {

NamedRow row(const std::string& note, const std::string& place) {
  NamedRow columns{{"id", Value::of(17)}, {"note", Value::text(note)}};
  columns.push_back({"delivery_address_of_the_customer", Value::text(place)});
  columns.push_back({"same", Value::text("same")});
  return columns;
}

ConflictView view() {
  ConflictView view;
  view.node = "ann";
  view.short_id = "3f2a9c1b";
  view.has_table = true;
  ConflictRow& conflict = view.conflict;
  conflict.id = "3f2a9c1b00000000000000000000000f";
  conflict.table = "customers";
  conflict.key = {{"id", Value::of(17)}};
  conflict.kind = "same_column";
  conflict.rule = "same column changed: newest wins (note)";
  conflict.base = row("short", "Ulm");
  conflict.winner = row(std::string(2000, 'w') + " end", "Neu-Ulm");
  conflict.loser = row("größer und länger als alles, was in eine Spalte passt", "Ulm");
  conflict.winner_node = conflict.winner_user = "bob";
  conflict.loser_node = "ann";
  conflict.loser_user = "Ann";
  conflict.winner_updated_at = conflict.loser_updated_at = conflict.created_at =
      "2026-11-21T10:00:00.000Z";
  view.now = conflict.winner;
  return view;
}

std::string print(const ConflictView& shown, std::size_t columns, bool full = false) {
  std::ostringstream out, err;
  test::MemoryFileSystem fs;
  SystemClock clock;
  Random random(1);
  Environment env{fs, fs, clock, random, "host", "user", "tidesync test"};
  Terminal terminal;
  terminal.columns = columns;
  Printer printer(out, terminal, err, terminal);
  Progress progress(err, Terminal{}, clock, [] { return false; });
  Session session{env, printer, progress, "q.db", false, ExitCode::kDone};
  print_conflict(session, shown, full);
  return out.str();
}

TEST(ConflictViewTest, NoLineIsWiderThanTheTerminal) {
  std::istringstream lines(print(view(), 80));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), 80u) << line;
}

TEST(ConflictViewTest, LongValuesAreCutAndTheirLengthIsSaid) {
  const std::string text = print(view(), 0);
  EXPECT_NE(text.find("(2,004 bytes)"), std::string::npos) << text;
  EXPECT_EQ(text.find(" end"), std::string::npos) << text;
}

TEST(ConflictViewTest, WhatIsInDisputeIsMarkedAndWhatIsEqualIsLeftOut) {
  const std::string text = print(view(), 0);
  EXPECT_NE(text.find("\n  *  note"), std::string::npos) << text;
  EXPECT_NE(text.find("\n  +  delivery_address_of_the_customer"), std::string::npos) << text;
  EXPECT_EQ(text.find("\n     same"), std::string::npos) << text;
  EXPECT_NE(text.find("1 more column is the same everywhere"), std::string::npos) << text;
  EXPECT_NE(print(view(), 0, true).find("\n     same"), std::string::npos);
}

TEST(ConflictViewTest, ItSaysHowTheRowIsNow) {
  ConflictView shown = view();
  EXPECT_NE(print(shown, 0).find("now here  as decided\n"), std::string::npos);
  shown.now->at(1).value = Value::text("new");
  EXPECT_NE(print(shown, 0).find("changed since: note is 'new'"), std::string::npos);
  shown.now = shown.conflict.loser;
  EXPECT_NE(print(shown, 0).find("as the loser had it: note is "), std::string::npos);
  shown.now.reset();
  EXPECT_NE(print(shown, 0).find("now here  the row was deleted"), std::string::npos);
  shown.conflict.winner.reset();
  EXPECT_NE(print(shown, 0).find("as decided: there is no such row"), std::string::npos);
}

TEST(ConflictViewTest, ItEndsWithTheCommandsThatSettleIt) {
  ConflictView shown = view();
  EXPECT_NE(print(shown, 0).find("tidesync conflicts resolve 3f2a9c1b --keep loser --db q.db\n"),
            std::string::npos);
  EXPECT_EQ(print(shown, 0).find("--force"), std::string::npos);
  shown.conflict.resolved_at = "2026-11-21T11:00:00.000Z";
  shown.conflict.resolved_by = "Cem";
  shown.conflict.resolution = "winner";
  const std::string text = print(shown, 0);
  EXPECT_NE(text.find("resolved by Cem on "), std::string::npos) << text;
  EXPECT_NE(text.find("--keep loser --db q.db --force\n"), std::string::npos) << text;
}

TEST(ConflictViewTest, JsonHasAllVersions) {
  const auto json = to_json(view());
  EXPECT_EQ(json["disputed"], nlohmann::ordered_json::parse(R"(["note"])"));
  EXPECT_EQ(json["base"]["note"], "short");
  EXPECT_EQ(json["key"]["id"], 17);
  EXPECT_TRUE(json["resolved_at"].is_null());
}

}  // namespace
}  // namespace tidesync
