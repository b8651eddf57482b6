// The database of a computer that had none: the application's tables out of the base copy, and
// nothing else.
#include "replica/application_draft.h"

#include <gtest/gtest.h>

#include <boost/filesystem/operations.hpp>
#include <fstream>
#include <iterator>

#include "support/mini_fleet.h"

namespace tidesync {
namespace {

using test::MiniNode;
using test::Rows;
using test::rows_of;

constexpr const char* kShop =
    "CREATE TABLE item (id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT COLLATE NOCASE UNIQUE,"
    " price REAL CHECK (price >= 0), twice AS (price * 2) STORED);"
    "CREATE TABLE rate (day TEXT, currency TEXT, rate, PRIMARY KEY (currency, day)) WITHOUT ROWID;"
    "CREATE TABLE tag (name TEXT PRIMARY KEY NOT NULL, note);"
    "CREATE UNIQUE INDEX tag_note ON tag (note) WHERE note IS NOT NULL;"
    "CREATE INDEX item_price ON item (price);"
    "CREATE VIEW dear AS SELECT * FROM item WHERE price > 10;"
    "INSERT INTO item (id, code, price) VALUES (1, 'a', 10), (2, 'b', 20.5), (70, 'c', NULL);"
    "INSERT INTO rate VALUES ('mon', 'EUR', 1.5);"
    "INSERT INTO tag VALUES ('x', NULL), ('y', 'only')";

class ApplicationDraftTest : public ::testing::Test {
 protected:
  Path draft_of(MiniNode& node) {
    const Path file = dir_ / "draft.db";
    draft_application(node.base(), file);
    return file;
  }
  static bool has_bytes(const Path& file, const std::string& text) {
    std::ifstream in(file.string(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    return bytes.find(text) != std::string::npos;
  }

  test::TempDir dir_{test::TempDir::Where::kMemory};
};

TEST_F(ApplicationDraftTest, HasTheRowsOfEachTableAsTheApplicationHasThem) {
  MiniNode ann("ann", kShop);
  Database draft = Database::open(draft_of(ann), OpenMode::kReadWrite);
  for (const char* query :
       {"SELECT * FROM item ORDER BY id", "SELECT * FROM rate", "SELECT * FROM tag ORDER BY 1",
        "SELECT * FROM sqlite_sequence", "PRAGMA integrity_check",
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'tidesync%'"
        " ORDER BY name"}) {
    EXPECT_EQ(rows_of(draft, query), rows_of(ann.app(), query)) << query;
  }
  EXPECT_EQ(draft.get_text("PRAGMA journal_mode"), "delete");
}

TEST_F(ApplicationDraftTest, OfOursOnlyTheTablesThatApplicationsReadAreInIt) {
  // So many that what is dropped stays as empty pages.
  MiniNode ann("ann",
               std::string(kShop) +
                   ";WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE"
                   " i < 5000) INSERT INTO tag SELECT printf('tag number %d', i), NULL FROM n");
  ann.base().set_state("heartbeat_ms", "marker-of-the-state");
  const Path file = draft_of(ann);
  EXPECT_FALSE(has_bytes(file, "marker-of-the-state"));
  EXPECT_FALSE(has_bytes(file, "tidesync_"));
  EXPECT_TRUE(has_bytes(file, "tag number 4999"));
  Database draft = Database::open(file, OpenMode::kReadWrite);
  EXPECT_GT(draft.get_int("PRAGMA freelist_count"), 0) << "it must not have been vacuumed";
  EXPECT_EQ(
      rows_of(draft,
              "SELECT name FROM sqlite_schema WHERE name LIKE 'tidesync%' OR name LIKE 'sync%'"
              " ORDER BY name"),
      (Rows{"'sync_conflicts'", "'sync_log'", "'sync_log_by_time'"}));
}

TEST_F(ApplicationDraftTest, OtherObjectsAreThereOnceAfterwards) {
  MiniNode ann("ann", kShop);
  const ShareSchema schema = ann.base().schema();
  Database draft = Database::open(draft_of(ann), OpenMode::kReadWrite);
  create_application_objects(draft, schema);
  const char* theirs =
      "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sync_%' AND"
      " name NOT LIKE 'sqlite_autoindex_sync_%' AND name NOT LIKE 'tidesync_%' ORDER BY 1, 2";
  EXPECT_EQ(rows_of(draft, theirs), rows_of(ann.app(), theirs));
}

// Somebody with write access to the share may have named an index otherwise than its statement.
TEST_F(ApplicationDraftTest, AnIndexThatTheSchemaDoesNotKnowIsNotInIt) {
  MiniNode ann("ann", kShop);
  ann.base().db().exec("CREATE UNIQUE INDEX stray ON item (price)");
  Database draft = Database::open(draft_of(ann), OpenMode::kReadWrite);
  EXPECT_EQ(rows_of(draft,
                    "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql NOT NULL"
                    " ORDER BY name"),
            (Rows{"'sync_log_by_time'", "'tag_note'"}));
}

TEST_F(ApplicationDraftTest, HasThePageSizeOfTheApplication) {
  MiniNode ann("ann", std::string("PRAGMA page_size = 1024;") + kShop);
  Database draft = Database::open(draft_of(ann), OpenMode::kReadWrite);
  EXPECT_EQ(draft.get_int("PRAGMA page_size"), 1024);
  EXPECT_EQ(rows_of(draft, "SELECT * FROM item"), rows_of(ann.app(), "SELECT * FROM item"));
  EXPECT_EQ(draft.get_text("PRAGMA integrity_check"), "ok");
}

TEST_F(ApplicationDraftTest, RoomThatDeletedRowsLeftIsNotCopied) {
  MiniNode ann("ann", kShop);
  MiniNode bob("bob", kShop);
  test::MiniLog log;
  ann.act(
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
      " INSERT INTO tag SELECT printf('tag %d of many with a long name', i), NULL FROM n");
  ann.sync(log);
  ann.act("DELETE FROM tag WHERE name LIKE '%many%'");
  OutboxOptions all = MiniNode::options();
  all.allow_mass_delete = true;
  ann.sync(log, all);
  const Path file = draft_of(ann);
  EXPECT_LT(boost::filesystem::file_size(file), 100'000u);
  EXPECT_FALSE(has_bytes(file, "of many"));
}

}  // namespace
}  // namespace tidesync
