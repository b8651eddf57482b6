// Whose a key is after several batches: the record that this node knows, or another one.
#include "merge/record_life.h"

#include <gtest/gtest.h>

namespace tidesync {
namespace {

constexpr DeletionId kFirst = 0x0102030405F6;
constexpr DeletionId kSecond = 0xFFFFFFFFFFFF;
constexpr DeletionId kThird = 3;
constexpr bool kHere = true;
constexpr bool kGone = false;

Change change_of(ChangeKind kind, std::string uid = {}) {
  Change change;
  change.kind = kind;
  change.uid = std::move(uid);
  return change;
}

std::string deleted(DeletionId by) {
  return notes_of(change_of(ChangeKind::kDelete), by, false);
}
std::string inserted() {
  return notes_of(change_of(ChangeKind::kInsert), kThird, false);
}
std::string returned(DeletionId from) {
  return notes_of(change_of(ChangeKind::kInsert, uid_of_return(from)), kThird, false);
}
std::string undone(ChangeKind kind, DeletionId batch, std::string uid = {}) {
  return notes_of(change_of(kind, std::move(uid)), batch, true);
}

bool is_known(const std::string& notes, bool present = kHere, DeletionId gone_by = 0) {
  return follow_notes(notes, present, gone_by).is_known;
}

TEST(ReturnUid, SaysWhichDeletionItUndoes) {
  for (const DeletionId id : {kUnknownDeletion, kFirst, kSecond, kThird}) {
    const std::string uid = uid_of_return(id);
    EXPECT_EQ(uid.size(), 16u);
    EXPECT_TRUE(is_return(uid));
    EXPECT_EQ(deletion_of_return(uid), id);
  }
  EXPECT_EQ(uid_of_return(kUnknownDeletion), std::string(16, '\0')) << "as it always was";
}

TEST(ReturnUid, IsNotTheOneOfANewRecord) {
  EXPECT_FALSE(is_return(""));
  EXPECT_FALSE(is_return(std::string(15, '\0')));
  EXPECT_FALSE(is_return(std::string(7, '\0') + "x" + std::string(8, '\0')));
  EXPECT_FALSE(is_return(digest_of("any").view().substr(0, 16)));
}

TEST(DeletionOfBatch, IsTheSameForAllWhoReadItAndFitsIntoAHint) {
  const DeletionId id = deletion_by(digest_of("batch"));
  EXPECT_EQ(id, deletion_by(digest_of("batch")));
  EXPECT_NE(id, deletion_by(digest_of("other")));
  EXPECT_LT(id, DeletionId{1} << 48);
}

TEST(KeyOwner, OfARowThatWasOnlyEditedIsKnown) {
  EXPECT_TRUE(is_known(""));
  EXPECT_TRUE(is_known(notes_of(change_of(ChangeKind::kUpdate), kFirst, false)));
}

TEST(KeyOwner, IsAnotherAfterTheNumberWasGivenAway) {
  EXPECT_FALSE(is_known(deleted(kFirst)));
  EXPECT_FALSE(is_known(deleted(kFirst) + inserted()));
  EXPECT_FALSE(is_known(notes_of(change_of(ChangeKind::kReplace), kFirst, false)));
}

TEST(KeyOwner, IsKnownAgainOnceItsDeletionIsUndone) {
  EXPECT_TRUE(is_known(deleted(kFirst) + returned(kFirst)));
  EXPECT_TRUE(is_known(deleted(kFirst) + inserted() + deleted(kSecond) + returned(kFirst)));
  EXPECT_TRUE(is_known(notes_of(change_of(ChangeKind::kReplace), kFirst, false) + deleted(kSecond) +
                       returned(kFirst)));
}

TEST(KeyOwner, IsAnotherWhenAnOlderRecordOfTheNumberComesBack) {
  EXPECT_FALSE(is_known(deleted(kSecond) + returned(kFirst))) << "deleted before we knew this one";
  EXPECT_FALSE(is_known(deleted(kFirst) + inserted() + deleted(kSecond) + returned(kSecond)))
      << "the one between";
}

TEST(KeyOwner, OfAReturnThatNamesNoDeletionIsKnown) {
  EXPECT_TRUE(is_known(deleted(kFirst) + returned(kUnknownDeletion)));
}

TEST(KeyOwner, OfTwoWhoBringOneRecordBackIsKnownToBoth) {
  EXPECT_TRUE(is_known(returned(kFirst), kGone, kFirst));
  EXPECT_FALSE(is_known(returned(kFirst), kGone, kSecond));
  EXPECT_TRUE(is_known(returned(kFirst), kGone, kUnknownDeletion)) << "kept before this was noted";
  EXPECT_FALSE(is_known(inserted(), kGone, kFirst));
}

TEST(KeyOwner, TheLastDeletionOfTheKnownRecordIsTheOneToName) {
  const auto gone_by = [](const std::string& notes, bool present, DeletionId before) {
    return follow_notes(notes, present, before).gone_by;
  };
  EXPECT_EQ(gone_by(deleted(kFirst) + inserted() + deleted(kSecond), kHere, 0), kFirst);
  EXPECT_EQ(gone_by(deleted(kFirst) + returned(kFirst) + deleted(kSecond), kHere, 0), kSecond);
  EXPECT_EQ(gone_by("", kGone, kFirst), kFirst);
  EXPECT_EQ(gone_by(returned(kFirst) + deleted(kSecond), kGone, kFirst), kSecond);
  EXPECT_EQ(gone_by(inserted() + deleted(kSecond), kGone, kFirst), kFirst);
}

TEST(KeyOwner, GoesBackWithABatchThatIsTakenAway) {
  EXPECT_TRUE(is_known(undone(ChangeKind::kDelete, kFirst), kGone, kFirst));
  EXPECT_FALSE(is_known(undone(ChangeKind::kReplace, kFirst))) << "the record that had it before";
  EXPECT_FALSE(is_known(undone(ChangeKind::kInsert, kFirst)));
  EXPECT_EQ(
      follow_notes(undone(ChangeKind::kInsert, kThird, uid_of_return(kFirst)), kHere, 0).gone_by,
      kFirst);
}

}  // namespace
}  // namespace tidesync
