#include "cli/conflict_words.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "cli/times.h"

namespace tidesync {
namespace {

constexpr std::int64_t kNow = 1'795'255'200'000;   // 2026-11-21T10:00:00Z
constexpr std::int64_t kSaved = kNow - 60 * 1000;  // a minute before
constexpr std::int64_t kLongAgo = kNow - 86'400'000LL * 3;

NamedRow row(const std::string& name, std::int64_t phone) {
  return {{"id", Value::of(17)},
          {"name", Value::text(name)},
          {"phone", Value::of(phone)},
          {"updated_at", Value::of(phone)}};
}

class ConflictWords : public ::testing::Test {
 protected:
  ConflictWords() {
    conflict_.table = "customers";
    conflict_.key = {{"id", Value::of(17)}};
    conflict_.kind = "same_column";
    conflict_.base = row("Miller", 1);
    conflict_.winner = row("Miller", 2);
    conflict_.loser = row("Miller", 3);
    conflict_.winner_node = "bob";
    conflict_.winner_user = "Bob";
    conflict_.loser_node = "ann";
    conflict_.loser_user = "Ann";
    conflict_.winner_updated_at = iso_utc(kSaved);
    conflict_.rule = "the rule";
  }
  std::string read_by(const std::string& node) const {
    const std::string text = conflict_sentence(conflict_, {node, kNow});
    EXPECT_EQ(text.rfind("customers 17: ", 0), 0u) << text;
    return text.substr(14);
  }
  static std::string time() { return local_time(kSaved).substr(11, 5); }

  ConflictRow conflict_;
};

TEST_F(ConflictWords, ALostFieldIsToldToTheLoserTheWinnerAndOthers) {
  EXPECT_EQ(read_by("ann"),
            "your phone was replaced by the one Bob saved at " + time() + "; yours is kept.");
  EXPECT_EQ(read_by("bob"), "Ann's phone was replaced by yours at " + time() + "; Ann's is kept.");
  EXPECT_EQ(read_by("cem"),
            "Ann's phone was replaced by the one Bob saved at " + time() + "; Ann's is kept.");
}

TEST_F(ConflictWords, ADoubtIsTold) {
  conflict_.rule = "same column changed: newest wins, doubtful: same time (phone)";
  EXPECT_EQ(read_by("ann"), "your phone was replaced by the one Bob saved at " + time() +
                                "; yours is kept. It is not certain which came later.");
}

TEST_F(ConflictWords, SeveralFieldsAndWholeRows) {
  conflict_.loser = row("Müller", 3);
  conflict_.winner = row("Mueller", 2);
  EXPECT_EQ(read_by("ann"), "your name and phone were replaced by those Bob saved at " + time() +
                                "; yours are kept.");
  conflict_.kind = "whole_row";
  EXPECT_EQ(read_by("ann"),
            "your version was replaced by the one Bob saved at " + time() + "; yours is kept.");
}

TEST_F(ConflictWords, EditAndDeletion) {
  conflict_.kind = "edit_delete";
  conflict_.loser.reset();
  EXPECT_EQ(read_by("ann"), "you deleted it, but Bob changed it at " + time() + ": it stays.");
  conflict_.loser = conflict_.winner;
  conflict_.winner.reset();
  EXPECT_EQ(read_by("ann"), "Bob deleted it at " + time() +
                                ", and you had changed it: it is gone, and your version is kept.");
}

TEST_F(ConflictWords, ValuesThatMustBeUnique) {
  conflict_.kind = "unique";
  conflict_.base.reset();
  conflict_.loser = row("Q-1", 2);
  conflict_.winner = row("Q-1~bob", 2);
  EXPECT_EQ(read_by("ann"),
            "another record has the name 'Q-1' already; this one is now 'Q-1~bob'.");
  conflict_.winner = row("Q-7", 2);
  EXPECT_EQ(read_by("ann"),
            "a value that must be unique belongs to another record: the earlier version stays, "
            "yours is kept.");
  conflict_.kind = "set_aside";
  conflict_.winner.reset();
  conflict_.rule = "a value that must be unique is taken by id = 18: set aside";
  EXPECT_EQ(
      read_by("ann"),
      "it was taken out of the table, because a value that must be unique is taken by id = 18;"
      " it is kept whole.");
}

TEST_F(ConflictWords, ParentsChildrenAndWhatNobodyKnowsYet) {
  conflict_.kind = "parent_restored";
  conflict_.loser.reset();
  EXPECT_EQ(read_by("ann"), "you deleted it, but other records still need it: it is back.");
  conflict_.loser = conflict_.winner;
  conflict_.winner.reset();
  conflict_.kind = "orphan";
  EXPECT_EQ(read_by("ann"), "it was deleted with the record it belongs to; your version is kept.");
  conflict_.kind = "late_child";
  EXPECT_EQ(read_by("ann"), "the rule.");
  conflict_.kind = "some_new_kind";
  EXPECT_EQ(read_by("ann"), "the rule; your version is kept.");
  EXPECT_EQ(kind_in_words("late_child"), "came after its parent moved");
  EXPECT_EQ(kind_in_words("some_new_kind"), "some new kind");
}

TEST_F(ConflictWords, NamesAndTimesThatAreMissing) {
  conflict_.winner_user = conflict_.winner_node = "";
  conflict_.winner_updated_at = "1970-01-01T00:00:00.000Z";
  EXPECT_EQ(read_by("ann"), "your phone was replaced by the one somebody saved; yours is kept.");
  EXPECT_EQ(
      moment(iso_utc(kLongAgo), {"ann", kNow}),
      "on " + local_time(kLongAgo).substr(0, 10) + " at " + local_time(kLongAgo).substr(11, 5));
}

TEST(DbArgument, CanBeCopiedToACommandLine) {
  EXPECT_EQ(db_argument("a/quotes.db"), " --db a/quotes.db");
  EXPECT_EQ(db_argument("my quotes.db"), " --db \"my quotes.db\"");
  EXPECT_EQ(db_argument("o'hara.db"), " --db \"o'hara.db\"");
  EXPECT_EQ(db_argument("C:\\data\\quotes.db"), " --db C:\\data\\quotes.db");
  EXPECT_EQ(db_argument("a$b.db"), " --db 'a$b.db'");
  EXPECT_EQ(db_argument(""), "");
}

}  // namespace
}  // namespace tidesync
