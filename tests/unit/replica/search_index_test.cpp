// Full-text indexes are found by what their CREATE statement says.
#include "replica/search_index.h"

#include <gtest/gtest.h>

namespace tidesync {
namespace {

std::string found(const std::string& sql) {
  Database db = Database::in_memory();
  db.exec("CREATE TABLE doc (id INTEGER PRIMARY KEY, content TEXT, \"a b\" TEXT)");
  db.exec(sql);
  std::string text;
  for (const SearchIndex& index : list_search_indexes(db)) text += index.name + ">" + index.content;
  return text;
}

TEST(SearchIndex, ContentIsNamedInEveryQuotation) {
  EXPECT_EQ(found("CREATE VIRTUAL TABLE f USING fts5(content, content='doc', content_rowid='id')"),
            "f>doc");
  EXPECT_EQ(found("CREATE VIRTUAL TABLE f USING fts5(content, content_rowid=id, content = doc)"),
            "f>doc");
  EXPECT_EQ(found("CREATE VIRTUAL TABLE \"my f\" USING FTS4(content=\"doc\", content)"),
            "my f>doc");
  EXPECT_EQ(found("CREATE VIRTUAL TABLE f USING fts5(content,content=[doc])"), "f>doc");
}

TEST(SearchIndex, IndexesWithTextsOfTheirOwnAreLeftAlone) {
  EXPECT_EQ(found("CREATE VIRTUAL TABLE f USING fts5(content)"), "");
  EXPECT_EQ(found("CREATE VIRTUAL TABLE f USING fts5(content, content='')"), "");
  EXPECT_EQ(found("CREATE TABLE fts5_content (content)"), "");
}

}  // namespace
}  // namespace tidesync
