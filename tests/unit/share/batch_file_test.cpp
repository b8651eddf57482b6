#include "share/batch_file.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "support/expect_error.h"
#include "support/faulty_file_system.h"
#include "support/memory_file_system.h"
#include "support/temp_dir.h"
#include "unit/share/batch_builder.h"

#ifndef _WIN32
#include <sys/resource.h>
#endif

namespace tidesync {
namespace {

using test::FaultAction;
using test::FsOp;
using test::OwnedChange;

constexpr std::uint64_t kAnySize = std::uint64_t{1} << 32;

class BatchFileTest : public ::testing::Test {
 protected:
  std::string bytes(const Path& path) { return read_file(fs_, path, kAnySize).value(); }
  void put(const Path& path, std::string_view content) {
    fs_.remove(path);
    write_new_file(fs_, path, content);
  }
  // A file with a right trailer around these parts, so that only they can be what is refused.
  void seal(const Path& path, std::string_view json, std::string_view body, std::uint32_t flags = 0,
            std::string_view magic = "TIDEB001") {
    std::string file(magic);
    append_u32(file, static_cast<std::uint32_t>(json.size()));
    append_u32(file, flags);
    file.append(json).append(body);
    put(path, sealed(file));
  }
  static std::string sealed(std::string file) {
    append_u64(file, file.size() + kBatchTrailerBytes);
    file.append("TIDEEND1").append(digest_of(file).view());
    Hasher hasher{Hasher::Checksum::kCrc32c};
    hasher.update(file);
    append_u32(file, hasher.crc32c());
    return file;
  }
  static std::string header_of(std::string_view file) {
    return std::string(file.substr(16, load_u32(file.data() + 8)));
  }
  static std::string body_of(std::string_view file) {
    const std::size_t start = 16 + load_u32(file.data() + 8);
    return std::string(file.substr(start, file.size() - kBatchTrailerBytes - start));
  }
  static std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  }

  test::MemoryFileSystem fs_;
};

// Round trips -------------------------------------------------------------------------------------

TEST_F(BatchFileTest, EveryKindOfChangeAndValueComesBack) {
  const auto changes = test::all_kinds();
  const Digest hash = test::write_batch(fs_, "f", changes);
  auto read = test::read_batch(fs_, "f");
  ASSERT_EQ(read.size(), changes.size());
  EXPECT_EQ(read[0].uid, derived_uid(std::string(32, 'b'), 0));
  read[0].uid.clear();
  EXPECT_EQ(read, changes);

  BatchReader reader(fs_, "f");
  EXPECT_EQ(reader.hash(), hash);
  EXPECT_EQ(reader.file_size(), bytes("f").size());
  EXPECT_EQ(fs_.list("").size(), 1u) << "the spool was left behind";
}

TEST_F(BatchFileTest, EmptyBatchComesBack) {
  test::write_batch(fs_, "f", {});
  EXPECT_TRUE(test::read_batch(fs_, "f").empty());
  BatchWriter writer(fs_, "no-tables", {});
  writer.finish(test::sample_header());
  EXPECT_TRUE(BatchReader(fs_, "no-tables").header().tables.empty());
}

TEST_F(BatchFileTest, BodyIsCompressedOnlyAbove4KiB) {
  test::write_batch(fs_, "small", {test::insert_quote(1, std::string(4000, 'x'))});
  test::write_batch(fs_, "large", {test::insert_quote(1, std::string(5000, 'x'))});
  EXPECT_EQ(load_u32(bytes("small").data() + 12), 0u);
  EXPECT_EQ(load_u32(bytes("large").data() + 12), 1u);
  EXPECT_LT(bytes("large").size(), 2000u);
  EXPECT_EQ(test::read_batch(fs_, "large").at(0).new_image,
            test::insert_quote(1, std::string(5000, 'x')).new_image);
}

TEST_F(BatchFileTest, ValuesAsLongAsManyChunksComeBack) {
  std::string noise(3000000, '\0');
  std::uint32_t state = 1;
  for (char& c : noise) c = static_cast<char>((state = state * 1664525u + 1013904223u) >> 24);
  std::vector<OwnedChange> changes;
  for (std::int64_t id = 0; id < 6; ++id) {
    changes.push_back(test::insert_quote(id, std::string_view(noise).substr(0, id * 500000),
                                         std::string(16, 'i')));
  }
  test::write_batch(fs_, "f", changes);
  EXPECT_EQ(test::read_batch(fs_, "f"), changes);
}

TEST_F(BatchFileTest, RewindStartsAgainWithTheFirstRecord) {
  std::vector<OwnedChange> changes;
  for (std::int64_t id = 0; id < 5000; ++id) {
    changes.push_back(test::insert_quote(id, "text " + std::to_string(id * 7919)));
  }
  test::write_batch(fs_, "f", changes);
  const auto expected = test::read_batch(fs_, "f");
  BatchReader reader(fs_, "f");
  for (const std::size_t stop_after : {std::size_t{0}, std::size_t{3000}, changes.size() + 1}) {
    Change change;
    for (std::size_t i = 0; i < stop_after && reader.next(change); ++i) {
    }
    reader.rewind();
    ASSERT_TRUE(reader.next(change));
    EXPECT_EQ(OwnedChange::of(change), expected[0]);
    reader.rewind();
  }
  std::size_t count = 0;
  for (Change change; reader.next(change); ++count) {
    ASSERT_EQ(OwnedChange::of(change), expected[count]);
  }
  EXPECT_EQ(count, changes.size());
}

TEST_F(BatchFileTest, WriterTellsWhatItHolds) {
  BatchWriter writer(fs_, "f", test::two_tables());
  std::uint64_t value_bytes = 0;
  for (const auto& change : test::all_kinds()) {
    writer.add(change.view());
    value_bytes += change.key.size() + change.old_image.size() + change.new_image.size();
    for (const auto& c : change.columns) value_bytes += c.old_value.size() + c.new_value.size();
  }
  EXPECT_EQ(writer.record_count(), 5u);
  EXPECT_EQ(writer.value_bytes(), value_bytes);
  EXPECT_EQ(writer.counts(), (std::vector<BatchCounts>{{2, 1, 0}, {0, 1, 1}}));
}

TEST_F(BatchFileTest, NamesOfPeopleInOldEncodingsAreMadePrintable) {
  BatchHeader header = test::sample_header();
  header.user = "J\xfcrgen";
  test::write_batch(fs_, "f", {}, header);
  EXPECT_TRUE(is_valid_utf8(BatchReader(fs_, "f").header().user));
}

TEST_F(BatchFileTest, TrailerTellsTheHashWithoutTheRest) {
  const Digest hash = test::write_batch(fs_, "f", test::all_kinds());
  const std::string file = bytes("f");
  const auto trailer = file.substr(file.size() - kBatchTrailerBytes);
  EXPECT_EQ(parse_batch_trailer(trailer, file.size()).hash, hash);
  EXPECT_ERROR(parse_batch_trailer(trailer, file.size() + 1), ErrorCode::kDamaged);
  EXPECT_ERROR(parse_batch_trailer(trailer.substr(1), file.size()), ErrorCode::kDamaged);
  EXPECT_ERROR(parse_batch_trailer(replaced(trailer, "TIDEEND1", "TIDEEND2"), file.size()),
               ErrorCode::kDamaged);
}

// Memory ------------------------------------------------------------------------------------------

// Sanitizers keep freed memory, and then there is nothing to measure.
#if !defined(_WIN32) && !defined(__SANITIZE_ADDRESS__)
long peak_memory_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST(BatchFileMemoryTest, MemoryDoesNotGrowWithTheNumberOfRecords) {
  const test::TempDir dir;
  DiskFileSystem disk;
  const auto run = [&](const char* name, std::int64_t records) {
    BatchWriter writer(disk, dir / name, test::two_tables());
    std::uint64_t noise = 1;
    for (std::int64_t id = 0; id < records; ++id) {
      std::string body;
      for (int i = 0; i < 25; ++i) {
        append_u64(body, noise = noise * 6364136223846793005u + 1442695040888963407u);
      }
      writer.add(test::insert_quote(id, body).view());
    }
    writer.finish(test::sample_header());
    BatchReader reader(disk, dir / name);
    std::int64_t read = 0;
    for (Change change; reader.next(change);) ++read;
    EXPECT_EQ(read, records);
  };
  run("few", 5000);  // what a first use takes once
  const long before = peak_memory_kib();
  run("many", 200000);  // 50 MB of records
  EXPECT_GT(boost::filesystem::file_size(dir / "many"), 40000000u);
  EXPECT_LT(peak_memory_kib() - before, 8 * 1024);
}
#endif

// Rows that compress more than 200-fold would be refused without the padding.
TEST(BatchFileMemoryTest, EqualRowsWithoutEndAreStillReadable) {
  const test::TempDir dir;
  DiskFileSystem disk;
  BatchWriter writer(disk, dir / "f", test::two_tables());
  const auto change = test::insert_quote(1, std::string(1u << 20, 'x'));
  for (int i = 0; i < 80; ++i) writer.add(change.view());
  writer.finish(test::sample_header());
  EXPECT_GE(boost::filesystem::file_size(dir / "f"), (80u << 20) / 200);
  BatchReader reader(disk, dir / "f");
  int read = 0;
  for (Change c; reader.next(c);) ++read;
  EXPECT_EQ(read, 80);
}

// Damage ------------------------------------------------------------------------------------------

void expect_refused(FileSystem& fs, const Path& path, const std::string& what) {
  try {
    test::read_batch(fs, path);
    ADD_FAILURE() << what << " was accepted";
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDamaged && error.code() != ErrorCode::kTooNew) {
      ADD_FAILURE() << what << ": " << error.what();
    }
  }
}

TEST_F(BatchFileTest, EveryTruncationIsRefused) {
  test::write_batch(fs_, "f", test::all_kinds());
  const std::string whole = bytes("f");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    put("f", whole.substr(0, size));
    expect_refused(fs_, "f", "cut to " + std::to_string(size));
  }
  put("f", whole + "x");
  expect_refused(fs_, "f", "one byte more");
  put("f", whole + whole);
  expect_refused(fs_, "f", "twice");
}

TEST_F(BatchFileTest, EveryFlippedByteIsRefused) {
  test::write_batch(fs_, "f", test::all_kinds());
  const std::string whole = bytes("f");
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char mask : {'\x01', '\x80', '\xff'}) {
      std::string broken = whole;
      broken[at] = static_cast<char>(broken[at] ^ mask);
      put("f", broken);
      expect_refused(fs_, "f", "byte " + std::to_string(at) + " flipped");
    }
  }
}

// The trailer fits, as if the author's program had been wrong: nothing but an Error may come out.
TEST_F(BatchFileTest, FlippedBytesUnderARightDigestAreRefusedOrHarmless) {
  for (const bool large : {false, true}) {
    auto changes = test::all_kinds();
    if (large) changes.push_back(test::insert_quote(9, std::string(5000, 'x')));
    fs_.remove("f");
    test::write_batch(fs_, "f", changes);
    const std::string whole = bytes("f");
    const std::string inner = whole.substr(0, whole.size() - kBatchTrailerBytes);
    for (std::size_t at = 0; at < inner.size(); ++at) {
      for (const char mask : {'\x01', '\x80', '\xff'}) {
        std::string broken = inner;
        broken[at] = static_cast<char>(broken[at] ^ mask);
        put("f", sealed(broken));
        try {
          test::read_batch(fs_, "f");
        } catch (const Error& error) {
          EXPECT_TRUE(error.code() == ErrorCode::kDamaged || error.code() == ErrorCode::kTooNew)
              << error.what();
        }
      }
    }
  }
}

TEST_F(BatchFileTest, MissingFileIsNotFound) {
  EXPECT_ERROR(BatchReader(fs_, "absent"), ErrorCode::kNotFound);
}

TEST_F(BatchFileTest, NewerVersionsAreTooNewAndUnknownMembersAreNot) {
  test::write_batch(fs_, "f", test::all_kinds());
  const std::string whole = bytes("f");
  const std::string json = header_of(whole);
  const std::string body = body_of(whole);

  seal("f", replaced(json, "{", R"({"colour":{"deep":[1,[2]]},)"), body);
  EXPECT_EQ(test::read_batch(fs_, "f").size(), 5u);
  seal("f", replaced(json, "{", R"({"must_understand":["seq"],)"), body);
  EXPECT_EQ(test::read_batch(fs_, "f").size(), 5u);
  seal("f", replaced(json, "{", R"({"must_understand":["seq","blobs"],"blobs":1,)"), body);
  EXPECT_ERROR(BatchReader(fs_, "f"), ErrorCode::kTooNew);
  seal("f", replaced(json, "\"v\":1", "\"v\":2"), body);
  EXPECT_ERROR(BatchReader(fs_, "f"), ErrorCode::kTooNew);
  seal("f", R"({"v":2})", "");
  EXPECT_ERROR(BatchReader(fs_, "f"), ErrorCode::kTooNew);
  seal("f", json, body, 2);
  EXPECT_ERROR(BatchReader(fs_, "f"), ErrorCode::kTooNew);
  seal("f", json, body, 0, "TIDEB002");
  EXPECT_ERROR(BatchReader(fs_, "f"), ErrorCode::kTooNew);
}

TEST_F(BatchFileTest, HeadersThatCannotBeAreDamaged) {
  test::write_batch(fs_, "f", test::all_kinds());
  const std::string json = header_of(bytes("f"));
  const std::string body = body_of(bytes("f"));
  const auto swapped = [&](const char* from, const char* to) { return replaced(json, from, to); };
  const std::string cases[] = {
      "",
      "[]",
      "null",
      "{",
      json + "}",
      std::string(100000, '['),
      "\xff",
      swapped("\"v\":1", "\"v\":0"),
      swapped("\"v\":1", "\"v\":\"1\""),
      swapped("\"v\":1", "\"v\":-1"),
      swapped("\"seq\":7", "\"seq\":0"),
      swapped("\"seq\":7", "\"seq\":-7"),
      swapped("\"seq\":7", "\"seq\":7.5"),
      swapped("\"seq\":7,", ""),
      swapped("\"seq\":7", "\"seq\":99999999999999999999"),
      swapped("aaaa", "aaaA"),
      swapped("\"alice\"", "\"../x\""),
      swapped("\"prev\":\"", "\"prev\":\"0"),
      swapped("\"body_len\":", "\"body_len\":1"),
      swapped("\"key\":[0]", "\"key\":[3]"),
      swapped("\"key\":[0]", "\"key\":[]"),
      swapped("\"key\":[1,0]", "\"key\":[1,1]"),
      swapped("\"counts\":[", "\"counts\":[[1,2,3],"),
      swapped("[2,1,0]", "[2,1]"),
      swapped("\"made_at\":1700000000123", "\"made_at\":18446744073709551615"),
      swapped("\"columns\":[\"id\",\"number\",\"body\"]", "\"columns\":[]"),
      swapped("\"tables\":[", "\"tables\":[7,"),
      swapped("\"schema\":\"", "\"must_understand\":7,\"schema\":\"")};
  for (const std::string& text : cases) {
    seal("f", text, body);
    EXPECT_ERROR(test::read_batch(fs_, "f"), ErrorCode::kDamaged);
  }
}

TEST_F(BatchFileTest, LengthsThatLieAreDamaged) {
  test::write_batch(fs_, "f", test::all_kinds());
  std::string file = bytes("f").substr(0, bytes("f").size() - kBatchTrailerBytes);
  for (const std::uint32_t length : {0u, 1u, 5000u, 1u << 22, (1u << 22) + 1, 0xFFFFFFFFu}) {
    std::string lie;
    append_u32(lie, length);
    put("f", sealed(file.substr(0, 8) + lie + file.substr(12)));
    expect_refused(fs_, "f", "header length " + std::to_string(length));
  }
}

// A body of the right length, whose bytes are no records.
TEST_F(BatchFileTest, RecordsThatCannotBeAreDamaged) {
  const auto change = test::insert_quote(1, "abc");
  test::write_batch(fs_, "f", {change});
  const std::string json = header_of(bytes("f"));
  const std::string body = body_of(bytes("f"));
  const std::size_t key_at = 12;
  const auto with_byte = [&](std::size_t at, char value) {
    std::string copy = body;
    copy[at] = value;
    return copy;
  };
  const std::string cases[] = {
      with_byte(0, 0),  // unknown kinds
      with_byte(0, 5),
      with_byte(0, 2),  // an insert read as something else
      with_byte(0, 3),
      with_byte(0, 4),
      with_byte(1, 2),                     // unknown flag
      with_byte(2, 1),                     // another table
      with_byte(2, 2),                     // no table
      with_byte(key_at, 9),                // unknown type of value
      with_byte(key_at, 0),                // shorter value: all after it is something else
      with_byte(key_at + 1, 2),            // key that differs from the row's
      with_byte(body.size() - 4, '\x7f'),  // text of 2 GiB
      body.substr(0, body.size() - 1) + std::string(1, 'x'),
  };
  for (std::size_t i = 0; i + 1 < std::size(cases); ++i) {
    seal("f", json, cases[i]);
    SCOPED_TRACE(i);
    EXPECT_ERROR(test::read_batch(fs_, "f"), ErrorCode::kDamaged);
  }
  seal("f", json, cases[std::size(cases) - 1]);  // only another text: accepted
  EXPECT_EQ(test::read_batch(fs_, "f").size(), 1u);
  seal("f", replaced(json, "[1,0,0]", "[0,1,0]"), body);  // counts that do not add up
  EXPECT_ERROR(test::read_batch(fs_, "f"), ErrorCode::kDamaged);
  seal("f", replaced(json, "[1,0,0]", "[2,0,0]"), body);
  EXPECT_ERROR(test::read_batch(fs_, "f"), ErrorCode::kDamaged);
}

TEST_F(BatchFileTest, CompressedBodyThatIsLongerOrShorterThanSaidIsDamaged) {
  const auto change = test::insert_quote(1, std::string(5000, 'x'));
  test::write_batch(fs_, "f", {change});
  const std::string json = header_of(bytes("f"));
  const std::string body = body_of(bytes("f"));
  const std::string length = std::to_string(12 + 9 + 9 + 8 + 5 + 5000);
  for (const char* lie : {"5042", "5044", "1", "0", "67108865", "18446744073709551615"}) {
    seal("f", replaced(json, "\"body_len\":" + length, std::string("\"body_len\":") + lie), body,
         1);
    EXPECT_ERROR(test::read_batch(fs_, "f"), ErrorCode::kDamaged);
  }
  seal("f", json, body + body, 1);
  EXPECT_ERROR(test::read_batch(fs_, "f"), ErrorCode::kDamaged);
  seal("f", json, body + "x", 1);
  EXPECT_ERROR(test::read_batch(fs_, "f"), ErrorCode::kDamaged);
  seal("f", json, body.substr(0, body.size() - 1), 1);
  EXPECT_ERROR(test::read_batch(fs_, "f"), ErrorCode::kDamaged);
  seal("f", json, "", 1);
  EXPECT_ERROR(test::read_batch(fs_, "f"), ErrorCode::kDamaged);
  seal("f", json, body + "\x28\xb5\x2f\xfd", 1);  // another frame begins, and no more
  EXPECT_ERROR(test::read_batch(fs_, "f"), ErrorCode::kDamaged);
  seal("f", json, body, 1);
  EXPECT_EQ(test::read_batch(fs_, "f").at(0).new_image, change.new_image);

  fs_.remove("g");
  test::write_batch(fs_, "g", {change, change});  // the second record is not accounted for
  seal("f", json, body_of(bytes("g")), 1);
  EXPECT_ERROR(test::read_batch(fs_, "f"), ErrorCode::kDamaged);
}

// The writer --------------------------------------------------------------------------------------

TEST_F(BatchFileTest, WriterRefusesChangesThatAReaderWouldRefuse) {
  const auto one = test::image({ValueView::of(1)});
  const auto two = test::image({ValueView::of(2)});
  const auto good = test::insert_quote(1, "abc");
  std::vector<OwnedChange> cases;
  const auto broken = [&](auto change) {
    cases.push_back(good);
    change(cases.back());
  };
  broken([&](OwnedChange& c) { c.table = 2; });
  broken([&](OwnedChange& c) { c.kind = ChangeKind{9}; });
  broken([&](OwnedChange& c) { c.uid = "short"; });
  broken([&](OwnedChange& c) { c.key = two; });
  broken([&](OwnedChange& c) { c.key = ""; });
  broken([&](OwnedChange& c) { c.new_image += one; });
  broken([&](OwnedChange& c) { c.old_image = c.new_image; });
  broken([&](OwnedChange& c) { c.kind = ChangeKind::kDelete; });
  broken([&](OwnedChange& c) { c.kind = ChangeKind::kReplace; });
  const auto update = [&](std::vector<OwnedChange::Column> columns) {
    cases.push_back({ChangeKind::kUpdate, 0, 0, "", one, "", "", std::move(columns)});
  };
  update({});
  update({{3, one, two}});
  update({{0, one, two}});
  update({{1, one, one}});
  update({{2, one, two}, {1, one, two}});
  update({{1, one, two}, {1, one, two}});
  update({{1, one, ""}});
  update({{1, one, two + two}});
  BatchWriter writer(fs_, "f", test::two_tables());
  for (const auto& change : cases) EXPECT_ERROR(writer.add(change.view()), ErrorCode::kInternal);
  EXPECT_EQ(writer.record_count(), 0u);
}

TEST_F(BatchFileTest, WriterRefusesHeadersThatAReaderWouldRefuse) {
  BatchHeader header = test::sample_header();
  header.uuid = "no uuid";
  EXPECT_ERROR(test::write_batch(fs_, "f", {}, header), ErrorCode::kInternal);
  BatchWriter writer(fs_, "g", {{"t\xff", {"a"}, {0}}});
  EXPECT_ERROR(writer.finish(test::sample_header()), ErrorCode::kSchema);
  EXPECT_TRUE(fs_.list("").empty());
}

TEST_F(BatchFileTest, SpoolIsRemovedWhenTheWriterIsDropped) {
  {
    BatchWriter writer(fs_, "f", test::two_tables());
    writer.add(test::insert_quote(1, std::string(500000, 'x')).view());
    EXPECT_TRUE(fs_.stat("f.body"));
  }
  EXPECT_TRUE(fs_.list("").empty());
}

TEST_F(BatchFileTest, SpoolOfACrashIsReplaced) {
  put("f.body", "left behind");
  const auto changes = {test::insert_quote(1, std::string(5000, 'x'), std::string(16, 'i'))};
  test::write_batch(fs_, "f", changes);
  EXPECT_EQ(test::read_batch(fs_, "f"), std::vector<OwnedChange>(changes));
  EXPECT_EQ(fs_.list("").size(), 1u);
}

TEST_F(BatchFileTest, FileThatExistsIsNotReplaced) {
  put("f", "precious");
  EXPECT_ERROR(test::write_batch(fs_, "f", {}), ErrorCode::kAlreadyExists);
  EXPECT_EQ(bytes("f"), "precious");
}

TEST_F(BatchFileTest, FailureOfAnyOperationLeavesNoFile) {
  const std::vector<OwnedChange> changes = {test::insert_quote(1, std::string(300000, 'x'))};
  test::FaultyFileSystem faulty(fs_);
  test::write_batch(faulty, "f", changes);
  const std::uint64_t calls = faulty.calls() - 1;  // without the removal of the spool
  ASSERT_GT(calls, 8u);
  for (std::uint64_t k = 1; k <= calls; ++k) {
    fs_.remove("f");
    faulty.set_hook(test::at_call(k, FaultAction::fail_before(ErrorCode::kDiskFull)));
    EXPECT_ERROR(test::write_batch(faulty, "f", changes), ErrorCode::kDiskFull);
    EXPECT_TRUE(fs_.list("").empty()) << "call " << k;
  }
}

}  // namespace
}  // namespace tidesync
