#include "contract/file_system_contract.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "support/expect_error.h"

namespace tidesync::test {
namespace {

constexpr std::uint64_t kAnySize = 1u << 30;
constexpr int kRacers = 8;
constexpr int kRaces = 50;

std::vector<std::string> sorted_names(const std::vector<DirEntry>& entries) {
  std::vector<std::string> names;
  for (const DirEntry& entry : entries) names.push_back(entry.name);
  std::sort(names.begin(), names.end());
  return names;
}

// Every racer calls `attempt(racer, race)` for every race, all of them starting at the same moment.
// The result: for each race, who was told kCreated.
template <typename Attempt>
std::vector<std::vector<int>> race(Attempt attempt) {
  std::vector<std::vector<NameOutcome>> outcomes(kRacers, std::vector<NameOutcome>(kRaces));
  std::atomic<int> waiting{kRacers * kRaces};
  std::vector<std::thread> racers;
  for (int racer = 0; racer < kRacers; ++racer) {
    racers.emplace_back([&, racer] {
      for (int i = 0; i < kRaces; ++i) {
        --waiting;
        while (waiting > (kRaces - 1 - i) * kRacers) std::this_thread::yield();
        outcomes[racer][i] = attempt(racer, i);
      }
    });
  }
  for (auto& racer : racers) racer.join();
  std::vector<std::vector<int>> winners(kRaces);
  for (int i = 0; i < kRaces; ++i) {
    for (int racer = 0; racer < kRacers; ++racer) {
      if (outcomes[racer][i] == NameOutcome::kCreated) winners[i].push_back(racer);
    }
  }
  return winners;
}

std::string bytes_of(int racer, int race) {
  return "racer " + std::to_string(racer) + " of race " + std::to_string(race);
}

}  // namespace

std::string FileSystemContract::content(const Path& path) {
  return read_file(fs(), path, kAnySize).value_or("(absent)");
}

void FileSystemContract::make_directory_with(const Path& path, std::string_view bytes) {
  ASSERT_TRUE(fs().create_directory(path));
  write(path / "b", bytes);
}

// Looking
// ------------------------------------------------------------------------------------------

TEST_P(FileSystemContract, ListOfEmptyDirectoryIsEmpty) {
  EXPECT_TRUE(fs().list(at("")).empty());
}

TEST_P(FileSystemContract, ListGivesNamesTypesAndSizes) {
  write(at("file"), "12345");
  write(at("empty"), "");
  ASSERT_TRUE(fs().create_directory(at("folder")));
  auto entries = fs().list(at(""));
  std::sort(entries.begin(), entries.end(),
            [](const DirEntry& a, const DirEntry& b) { return a.name < b.name; });
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].name, "empty");
  EXPECT_EQ(entries[0].size, 0u);
  EXPECT_FALSE(entries[0].is_directory);
  EXPECT_EQ(entries[1].name, "file");
  EXPECT_EQ(entries[1].size, 5u);
  EXPECT_FALSE(entries[1].is_directory);
  EXPECT_EQ(entries[2].name, "folder");
  EXPECT_EQ(entries[2].size, 0u);
  EXPECT_TRUE(entries[2].is_directory);
}

TEST_P(FileSystemContract, ListDoesNotDescend) {
  make_directory_with(at("folder"), "x");
  EXPECT_EQ(sorted_names(fs().list(at(""))), std::vector<std::string>{"folder"});
  EXPECT_EQ(sorted_names(fs().list(at("folder"))), std::vector<std::string>{"b"});
}

TEST_P(FileSystemContract, ListOfManyNamesIsComplete) {
  std::vector<std::string> names;
  for (int i = 1000; i < 2500; ++i) {
    names.push_back("a-rather-long-name-so-that-one-buffer-does-not-hold-all-" + std::to_string(i));
    write(at(names.back()), "");
  }
  EXPECT_EQ(sorted_names(fs().list(at(""))), names);
}

TEST_P(FileSystemContract, ListOfMissingDirectoryThrowsNotFound) {
  EXPECT_ERROR(fs().list(at("nowhere")), ErrorCode::kNotFound);
}

TEST_P(FileSystemContract, ListOfFileThrowsNotFound) {
  write(at("file"), "x");
  EXPECT_ERROR(fs().list(at("file")), ErrorCode::kNotFound);
}

TEST_P(FileSystemContract, StatTellsFileDirectoryAndAbsence) {
  write(at("file"), "123");
  ASSERT_TRUE(fs().create_directory(at("folder")));
  const auto file = fs().stat(at("file"));
  ASSERT_TRUE(file);
  EXPECT_FALSE(file->is_directory);
  EXPECT_EQ(file->size, 3u);
  const auto folder = fs().stat(at("folder"));
  ASSERT_TRUE(folder);
  EXPECT_TRUE(folder->is_directory);
  EXPECT_EQ(folder->size, 0u);
  EXPECT_FALSE(fs().stat(at("nothing")));
  EXPECT_FALSE(fs().stat(at("nothing/below")));
  EXPECT_FALSE(fs().stat(at("file/below")));
}

// Reading and writing
// ------------------------------------------------------------------------------

TEST_P(FileSystemContract, OpenReadOfMissingFileIsNull) {
  EXPECT_EQ(fs().open_read(at("nothing")), nullptr);
  EXPECT_EQ(fs().open_read(at("nothing/below")), nullptr);
}

TEST_P(FileSystemContract, OpenReadOfDirectoryThrows) {
  ASSERT_TRUE(fs().create_directory(at("folder")));
  EXPECT_ERROR(fs().open_read(at("folder")), ErrorCode::kIo);
}

TEST_P(FileSystemContract, WhatWasWrittenInPiecesIsReadBack) {
  auto writer = fs().create_new(at("file"));
  writer->write("one ");
  writer->write("");
  writer->write(std::string_view("t\0o ", 4));
  writer->write("three");
  writer->sync();
  writer->close();
  EXPECT_EQ(content(at("file")), std::string("one t\0o three", 13));
}

TEST_P(FileSystemContract, EmptyFileIsReadAsEmpty) {
  write(at("file"), "");
  EXPECT_EQ(content(at("file")), "");
}

TEST_P(FileSystemContract, ReadReturnsFewerBytesOnlyAtTheEnd) {
  write(at("file"), "0123456789");
  const auto reader = fs().open_read(at("file"));
  ASSERT_NE(reader, nullptr);
  char buffer[16];
  EXPECT_EQ(reader->size(), 10u);
  EXPECT_EQ(reader->read(buffer, 4), 4u);
  EXPECT_EQ(std::string(buffer, 4), "0123");
  EXPECT_EQ(reader->read(buffer, 16), 6u);
  EXPECT_EQ(std::string(buffer, 6), "456789");
  EXPECT_EQ(reader->read(buffer, 16), 0u);
}

TEST_P(FileSystemContract, SeekMovesToAnOffsetAlsoBackAndBehindTheEnd) {
  write(at("file"), "0123456789");
  const auto reader = fs().open_read(at("file"));
  ASSERT_NE(reader, nullptr);
  char buffer[4];
  reader->seek(7);
  EXPECT_EQ(reader->read(buffer, 4), 3u);
  reader->seek(2);
  EXPECT_EQ(reader->read(buffer, 4), 4u);
  EXPECT_EQ(std::string(buffer, 4), "2345");
  reader->seek(100);
  EXPECT_EQ(reader->read(buffer, 4), 0u);
}

TEST_P(FileSystemContract, TwentyMegabytesSurvive) {
  std::string bytes(20u << 20, '\0');
  std::uint32_t state = 1;
  for (char& c : bytes) {
    state = state * 1664525u + 1013904223u;
    c = static_cast<char>(state >> 24);
  }
  write_new_file(fs(), at("file"), bytes);
  EXPECT_EQ(fs().stat(at("file"))->size, bytes.size());
  EXPECT_TRUE(content(at("file")) == bytes);
}

TEST_P(FileSystemContract, CreateNewOnTakenNameThrowsAlreadyExists) {
  write(at("file"), "old");
  ASSERT_TRUE(fs().create_directory(at("folder")));
  EXPECT_ERROR(fs().create_new(at("file")), ErrorCode::kAlreadyExists);
  EXPECT_ERROR(fs().create_new(at("folder")), ErrorCode::kAlreadyExists);
  EXPECT_EQ(content(at("file")), "old");
}

TEST_P(FileSystemContract, CreateNewInMissingFolderThrowsNotFound) {
  EXPECT_ERROR(fs().create_new(at("nowhere/file")), ErrorCode::kNotFound);
}

TEST_P(FileSystemContract, UnclosedWriteHandleIsHarmless) {
  fs().create_new(at("file"))->write("some");
  ASSERT_TRUE(fs().stat(at("file")));
  EXPECT_TRUE(fs().remove(at("file")));
}

TEST_P(FileSystemContract, WritingToAClosedHandleThrows) {
  auto writer = fs().create_new(at("file"));
  writer->close();
  EXPECT_ERROR(writer->write("late"), ErrorCode::kIo);
  EXPECT_ERROR(writer->sync(), ErrorCode::kIo);
  EXPECT_ERROR(writer->close(), ErrorCode::kIo);
}

TEST_P(FileSystemContract, NamesWithBlanksAndNonAsciiAreKept) {
  const std::vector<std::string> names{"Größe & Maß.txt", "two words", "日本語", "🙂"};
  for (const auto& name : names) write(at(name), name);
  auto expected = names;
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(sorted_names(fs().list(at(""))), expected);
  for (const auto& name : names) EXPECT_EQ(content(at(name)), name);
  make_directory_with(at("Übung macht"), "x");
  EXPECT_EQ(fs().rename_directory_new(at("Übung macht"), at("den Meister ñ")),
            NameOutcome::kCreated);
  EXPECT_EQ(content(at("den Meister ñ/b")), "x");
}

// A second name
// ------------------------------------------------------------------------------------

TEST_P(FileSystemContract, LinkGivesAFileASecondName) {
  write(at("from"), "bytes");
  ASSERT_EQ(fs().link_new(at("from"), at("to")), NameOutcome::kCreated);
  EXPECT_EQ(content(at("to")), "bytes");
  EXPECT_TRUE(fs().remove(at("from")));
  EXPECT_EQ(content(at("to")), "bytes");
}

TEST_P(FileSystemContract, TwoWritersLinkTheSameNameOneWins) {
  write(at("mine"), "mine");
  write(at("theirs"), "theirs");
  ASSERT_EQ(fs().link_new(at("theirs"), at("name")), NameOutcome::kCreated);
  EXPECT_EQ(fs().link_new(at("mine"), at("name")), NameOutcome::kExists);
  EXPECT_EQ(content(at("name")), "theirs");
  EXPECT_EQ(content(at("mine")), "mine");
}

TEST_P(FileSystemContract, LinkRepeatedAfterALostAnswerGivesExists) {
  write(at("from"), "bytes");
  ASSERT_EQ(fs().link_new(at("from"), at("to")), NameOutcome::kCreated);
  EXPECT_EQ(fs().link_new(at("from"), at("to")), NameOutcome::kExists);
  EXPECT_EQ(content(at("to")), "bytes");
}

TEST_P(FileSystemContract, LinkOntoDirectoryGivesExists) {
  write(at("from"), "bytes");
  make_directory_with(at("full"), "x");
  ASSERT_TRUE(fs().create_directory(at("empty")));
  EXPECT_EQ(fs().link_new(at("from"), at("full")), NameOutcome::kExists);
  EXPECT_EQ(fs().link_new(at("from"), at("empty")), NameOutcome::kExists);
  EXPECT_EQ(content(at("full/b")), "x");
}

TEST_P(FileSystemContract, LinkOfMissingFileThrowsNotFound) {
  EXPECT_ERROR(fs().link_new(at("nothing"), at("to")), ErrorCode::kNotFound);
  EXPECT_FALSE(fs().stat(at("to")));
}

TEST_P(FileSystemContract, LinkIntoMissingFolderThrowsNotFound) {
  write(at("from"), "bytes");
  EXPECT_ERROR(fs().link_new(at("from"), at("nowhere/to")), ErrorCode::kNotFound);
}

TEST_P(FileSystemContract, EightThreadsLinkFiftyNamesOneWinsEach) {
  for (int i = 0; i < kRaces; ++i) {
    for (int racer = 0; racer < kRacers; ++racer) write(at(bytes_of(racer, i)), bytes_of(racer, i));
  }
  const auto winners = race([&](int racer, int i) {
    return fs().link_new(at(bytes_of(racer, i)), at("name " + std::to_string(i)));
  });
  for (int i = 0; i < kRaces; ++i) {
    ASSERT_EQ(winners[i].size(), 1u) << "race " << i;
    EXPECT_EQ(content(at("name " + std::to_string(i))), bytes_of(winners[i][0], i));
  }
}

// Directories that are renamed
// ---------------------------------------------------------------------

TEST_P(FileSystemContract, RenameDirectoryMovesItWithItsContent) {
  make_directory_with(at("from"), "bytes");
  ASSERT_EQ(fs().rename_directory_new(at("from"), at("to")), NameOutcome::kCreated);
  EXPECT_EQ(content(at("to/b")), "bytes");
  EXPECT_FALSE(fs().stat(at("from")));
}

TEST_P(FileSystemContract, RenameDirectoryIntoAnotherFolder) {
  ASSERT_TRUE(fs().create_directory(at("tmp")));
  ASSERT_TRUE(fs().create_directory(at("log")));
  make_directory_with(at("tmp/from"), "bytes");
  ASSERT_EQ(fs().rename_directory_new(at("tmp/from"), at("log/to")), NameOutcome::kCreated);
  EXPECT_EQ(content(at("log/to/b")), "bytes");
}

TEST_P(FileSystemContract, RenameDirectoryOntoNonEmptyDirectoryGivesExists) {
  make_directory_with(at("mine"), "mine");
  make_directory_with(at("name"), "theirs");
  EXPECT_EQ(fs().rename_directory_new(at("mine"), at("name")), NameOutcome::kExists);
  EXPECT_EQ(content(at("name/b")), "theirs");
  EXPECT_EQ(content(at("mine/b")), "mine");
}

TEST_P(FileSystemContract, RenameDirectoryOntoFileGivesExists) {
  make_directory_with(at("mine"), "mine");
  write(at("name"), "theirs");
  EXPECT_EQ(fs().rename_directory_new(at("mine"), at("name")), NameOutcome::kExists);
  EXPECT_EQ(content(at("name")), "theirs");
  EXPECT_EQ(content(at("mine/b")), "mine");
}

TEST_P(FileSystemContract, RenameDirectoryGivenAFileNeverReplaces) {
  write(at("mine"), "mine");
  write(at("name"), "theirs");
  EXPECT_NE(fs().rename_directory_new(at("mine"), at("name")), NameOutcome::kCreated);
  EXPECT_EQ(content(at("name")), "theirs");
}

TEST_P(FileSystemContract, RenameOfMissingDirectoryThrowsNotFound) {
  EXPECT_ERROR(fs().rename_directory_new(at("nothing"), at("to")), ErrorCode::kNotFound);
}

TEST_P(FileSystemContract, RenameDirectoryRepeatedAfterALostAnswerIsUnknown) {
  make_directory_with(at("from"), "bytes");
  ASSERT_EQ(fs().rename_directory_new(at("from"), at("to")), NameOutcome::kCreated);
  EXPECT_EQ(fs().rename_directory_new(at("from"), at("to")), NameOutcome::kUnknown);
  EXPECT_EQ(content(at("to/b")), "bytes");
}

TEST_P(FileSystemContract, RenameDirectoryIntoMissingFolderThrowsNotFound) {
  make_directory_with(at("from"), "bytes");
  EXPECT_ERROR(fs().rename_directory_new(at("from"), at("nowhere/to")), ErrorCode::kNotFound);
  EXPECT_EQ(content(at("from/b")), "bytes");
}

TEST_P(FileSystemContract, EightThreadsRenameDirectoriesToFiftyNamesOneWinsEach) {
  for (int i = 0; i < kRaces; ++i) {
    for (int racer = 0; racer < kRacers; ++racer) {
      make_directory_with(at(bytes_of(racer, i)), bytes_of(racer, i));
    }
  }
  const auto winners = race([&](int racer, int i) {
    return fs().rename_directory_new(at(bytes_of(racer, i)), at("name " + std::to_string(i)));
  });
  for (int i = 0; i < kRaces; ++i) {
    ASSERT_EQ(winners[i].size(), 1u) << "race " << i;
    EXPECT_EQ(content(at("name " + std::to_string(i) + "/b")), bytes_of(winners[i][0], i));
  }
}

TEST_P(FileSystemContract, LinksAndDirectoryRenamesExcludeEachOther) {
  for (int i = 0; i < kRaces; ++i) {
    for (int racer = 0; racer < kRacers; ++racer) {
      if (racer % 2 == 0) {
        write(at(bytes_of(racer, i)), bytes_of(racer, i));
      } else {
        make_directory_with(at(bytes_of(racer, i)), bytes_of(racer, i));
      }
    }
  }
  const auto winners = race([&](int racer, int i) {
    const Path from = at(bytes_of(racer, i));
    const Path to = at("name " + std::to_string(i));
    return racer % 2 == 0 ? fs().link_new(from, to) : fs().rename_directory_new(from, to);
  });
  for (int i = 0; i < kRaces; ++i) {
    ASSERT_EQ(winners[i].size(), 1u) << "race " << i;
    const int winner = winners[i][0];
    const std::string name = "name " + std::to_string(i);
    EXPECT_EQ(content(at(winner % 2 == 0 ? name : name + "/b")), bytes_of(winner, i));
  }
}

// Replacing
// ----------------------------------------------------------------------------------------

TEST_P(FileSystemContract, RenameReplacingPutsAFileWhereNoneWas) {
  write(at("from"), "new");
  fs().rename_replacing(at("from"), at("to"));
  EXPECT_EQ(content(at("to")), "new");
  EXPECT_FALSE(fs().stat(at("from")));
}

TEST_P(FileSystemContract, RenameReplacingReplaces) {
  write(at("from"), "new");
  write(at("to"), "old");
  fs().rename_replacing(at("from"), at("to"));
  EXPECT_EQ(content(at("to")), "new");
  EXPECT_FALSE(fs().stat(at("from")));
}

TEST_P(FileSystemContract, ReplaceLeavesOldReaderItsContent) {
  write(at("to"), "old content");
  const auto reader = fs().open_read(at("to"));
  ASSERT_NE(reader, nullptr);
  write(at("from"), "new");
  fs().rename_replacing(at("from"), at("to"));
  char buffer[32];
  EXPECT_EQ(reader->read(buffer, sizeof buffer), 11u);
  EXPECT_EQ(std::string(buffer, 11), "old content");
}

TEST_P(FileSystemContract, RemoveLeavesOldReaderItsContent) {
  write(at("file"), "content");
  const auto reader = fs().open_read(at("file"));
  ASSERT_NE(reader, nullptr);
  ASSERT_TRUE(fs().remove(at("file")));
  char buffer[32];
  EXPECT_EQ(reader->read(buffer, sizeof buffer), 7u);
}

TEST_P(FileSystemContract, RenameReplacingOfMissingFileThrowsNotFound) {
  write(at("to"), "old");
  EXPECT_ERROR(fs().rename_replacing(at("nothing"), at("to")), ErrorCode::kNotFound);
  EXPECT_EQ(content(at("to")), "old");
}

TEST_P(FileSystemContract, RenameReplacingOntoDirectoryThrows) {
  write(at("from"), "new");
  make_directory_with(at("to"), "x");
  EXPECT_ERROR(fs().rename_replacing(at("from"), at("to")), ErrorCode::kIo);
  EXPECT_EQ(content(at("from")), "new");
  EXPECT_EQ(content(at("to/b")), "x");
}

TEST_P(FileSystemContract, ReadersSeeOldOrNewWhileAFileIsReplaced) {
  const std::string odd(100000, '1');
  const std::string even(100000, '2');
  write(at("to"), even);
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 0; i < 200; ++i)
      replace_file(fs(), at("tmp"), at("to"), i % 2 ? even : odd, false);
    done = true;
  });
  int torn = 0;
  while (!done) {
    const std::string seen = content(at("to"));
    if (seen != odd && seen != even) ++torn;
  }
  writer.join();
  EXPECT_EQ(torn, 0);
}

// Removing, making and syncing directories
// -----------------------------------------------------------

TEST_P(FileSystemContract, RemoveTellsWhetherThereWasSomething) {
  write(at("file"), "x");
  ASSERT_TRUE(fs().create_directory(at("folder")));
  EXPECT_TRUE(fs().remove(at("file")));
  EXPECT_FALSE(fs().remove(at("file")));
  EXPECT_TRUE(fs().remove(at("folder")));
  EXPECT_FALSE(fs().remove(at("folder")));
  EXPECT_FALSE(fs().remove(at("nowhere/file")));
}

TEST_P(FileSystemContract, RemoveOfNonEmptyDirectoryThrowsAndKeepsIt) {
  make_directory_with(at("folder"), "x");
  EXPECT_ERROR(fs().remove(at("folder")), ErrorCode::kIo);
  EXPECT_EQ(content(at("folder/b")), "x");
}

TEST_P(FileSystemContract, CreateDirectoryTellsWhetherItExisted) {
  EXPECT_TRUE(fs().create_directory(at("folder")));
  EXPECT_FALSE(fs().create_directory(at("folder")));
  write(at("file"), "x");
  EXPECT_FALSE(fs().create_directory(at("file")));
}

TEST_P(FileSystemContract, CreateDirectoryInMissingFolderThrowsNotFound) {
  EXPECT_ERROR(fs().create_directory(at("nowhere/folder")), ErrorCode::kNotFound);
}

TEST_P(FileSystemContract, SyncDirectoryOfExistingOneSucceeds) {
  fs().sync_directory(at(""));
  EXPECT_ERROR(fs().sync_directory(at("nowhere")), ErrorCode::kNotFound);
}

TEST_P(FileSystemContract, ErrorsNameThePath) {
  try {
    fs().create_new(at("nowhere/file"));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.subject(), to_utf8(at("nowhere/file")));
    EXPECT_FALSE(error.detail().empty());
  }
}

}  // namespace tidesync::test
