#include "share/notes.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "share/dataset.h"
#include "unit/share/dataset_fixture.h"

namespace tidesync::test {
namespace {

using Json = nlohmann::json;

const NodeId kAlice{"alice"};

NodeNote sample_node() {
  NodeNote note;
  note.node = kAlice;
  note.incarnation = Uuid(32, 'a');
  note.user = "Alice \"the\" Müller";
  note.host = "pc-7";
  note.tool = "tidesync 0.1.0";
  note.seq = Seq{42};
  note.hash = digest_of("hash");
  note.state = digest_of("state");
  note.at_ms = 1'795'000'000'123;
  note.clock_offset_ms = -250;
  note.last_run = {Uuid(32, 'b'), "partial", 1'795'000'000'000};
  note.pending = 7;
  note.conflicts = 2;
  note.behind = 0;
  note.last_success_ms = 1'794'000'000'000;
  note.failed_runs = 3;
  note.retired = true;
  return note;
}

MasterNote sample_master() {
  MasterNote note;
  note.seq = Seq{42};
  note.state = digest_of("state");
  note.digest = digest_of("file");
  note.size = 20'000'000;
  note.built_by = "alice";
  note.built_at_ms = 1'795'000'000'123;
  note.backup_day = "2026-11-21";
  note.file_ms = 1'795'000'000'500;
  return note;
}

Json json_of_node() {
  return Json::parse(to_json(sample_node()));
}
Json json_of_master() {
  return Json::parse(to_json(sample_master()));
}

TEST(NodeNoteTest, ComesBackAsWritten) {
  const auto parsed = parse_node_note(to_json(sample_node()), kAlice);
  ASSERT_TRUE(parsed.note) << parsed.problem;
  const NodeNote& note = *parsed.note;
  EXPECT_EQ(note.node, kAlice);
  EXPECT_EQ(note.incarnation, Uuid(32, 'a'));
  EXPECT_EQ(note.user, "Alice \"the\" Müller");
  EXPECT_EQ(note.host, "pc-7");
  EXPECT_EQ(note.tool, "tidesync 0.1.0");
  EXPECT_EQ(note.seq, Seq{42});
  EXPECT_EQ(note.hash, digest_of("hash"));
  EXPECT_EQ(note.state, digest_of("state"));
  EXPECT_EQ(note.at_ms, 1'795'000'000'123);
  EXPECT_EQ(note.clock_offset_ms, -250);
  ASSERT_TRUE(note.last_run);
  EXPECT_EQ(note.last_run->id, Uuid(32, 'b'));
  EXPECT_EQ(note.last_run->status, "partial");
  EXPECT_EQ(note.last_run->at_ms, 1'795'000'000'000);
  EXPECT_EQ(note.pending, 7U);
  EXPECT_EQ(note.conflicts, 2U);
  EXPECT_EQ(note.behind, 0U);
  EXPECT_EQ(note.last_success_ms, 1'794'000'000'000);
  EXPECT_EQ(note.failed_runs, 3U);
  EXPECT_TRUE(note.retired);
}

// A node that has taken in nothing yet, written by a version that knew fewer members.
TEST(NodeNoteTest, OfAnOlderVersionHasFewerMembers) {
  const auto parsed = parse_node_note(
      R"({"node":"alice","seq":0,"hash":"","state":"","at":"2026-11-21T10:00:00.000Z"})", kAlice);
  ASSERT_TRUE(parsed.note) << parsed.problem;
  EXPECT_TRUE(parsed.note->hash.is_none());
  EXPECT_EQ(parsed.note->last_run, std::nullopt);
  EXPECT_EQ(parsed.note->pending, std::nullopt);
  EXPECT_EQ(parsed.note->clock_offset_ms, std::nullopt);
  EXPECT_FALSE(parsed.note->retired);
}

TEST(NodeNoteTest, MembersOfANewerVersionArePassedOver) {
  Json json = json_of_node();
  json["colour"] = {{"deep", {1, 2, 3}}};
  json["last_run"]["status"] = "deferred";
  const auto parsed = parse_node_note(json.dump(), kAlice);
  ASSERT_TRUE(parsed.note) << parsed.problem;
  EXPECT_EQ(parsed.note->last_run->status, "deferred");
}

TEST(NodeNoteTest, EveryMemberIsChecked) {
  const std::vector<std::pair<std::string, Json>> hostile{
      {"node", "bob"},
      {"node", "../alice"},
      {"node", nullptr},
      {"node", 7},
      {"incarnation", "x"},
      {"incarnation", Json::array()},
      {"user", 5},
      {"user", std::string(201, 'x')},
      {"user", "a\x1b[31mred"},
      {"host", "line\nfeed"},
      {"tool", Json::object()},
      {"seq", -1},
      {"seq", 1.5},
      {"seq", "42"},
      {"seq", 1e300},
      {"seq", std::uint64_t{18446744073709551615U}},
      {"seq", nullptr},
      {"hash", "abc"},
      {"hash", std::string(64, 'g')},
      {"state", 1},
      {"at", "yesterday"},
      {"at", "2026-13-01T00:00:00.000Z"},
      {"at", 0},
      {"clock_offset_ms", 1.5},
      {"clock_offset_ms", std::uint64_t{18446744073709551615U}},
      {"clock_offset_ms", std::int64_t{-9223372036854775807}},
      {"last_run", "none"},
      {"last_run", Json::object()},
      {"last_run", {{"id", "x"}, {"status", "success"}, {"at", "2026-11-21T10:00:00.000Z"}}},
      {"last_run",
       {{"id", std::string(32, 'a')}, {"status", "<b>"}, {"at", "2026-11-21T10:00:00.000Z"}}},
      {"last_run", {{"id", std::string(32, 'a')}, {"status", "success"}, {"at", false}}},
      {"pending", -1},
      {"pending", true},
      {"conflicts", "two"},
      {"behind", 1e20},
      {"retired", "yes"},
      {"retired", 1},
  };
  for (const auto& [name, value] : hostile) {
    Json json = json_of_node();
    json[name] = value;
    const auto parsed = parse_node_note(json.dump(), kAlice);
    EXPECT_FALSE(parsed.note) << name << " = " << value;
    EXPECT_NE(parsed.problem.find('"'), std::string::npos) << parsed.problem;
  }
}

TEST(NodeNoteTest, OtherBytesAreNoNote) {
  const std::string whole = to_json(sample_node());
  std::vector<std::string> hostile{
      "", "null", "[]", "7", "\"x\"", "{", "{}", std::string(1000, '\0'), "\xff\xfe{}"};
  hostile.push_back(std::string(60'000, '['));
  hostile.push_back("{\"node\":" + std::string(50'000, '{'));
  hostile.push_back(whole + std::string(kMaxNoteTextBytes, ' '));
  for (std::size_t length = 0; length + 1 < whole.size(); ++length)
    hostile.push_back(whole.substr(0, length));
  for (const std::string& text : hostile) {
    const auto parsed = parse_node_note(text, kAlice);
    EXPECT_FALSE(parsed.note) << text.substr(0, 60);
    EXPECT_FALSE(parsed.problem.empty());
  }
}

TEST(NodeNoteTest, AnyByteMayBeAnother) {
  const std::string whole = to_json(sample_node());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char byte : {'\0', '"', '9', '\x80', '}'}) {
      std::string text = whole;
      text[at] = byte;
      EXPECT_NO_THROW(parse_node_note(text, kAlice)) << at;
    }
  }
}

// Whatever stands in a configuration, the note that is written can be read.
TEST(NodeNoteTest, AnyNameOfAUserCanBeWritten) {
  for (const std::string& user :
       {std::string("\xff\xfe"), std::string("a\nb\tc"), std::string(5000, '\x01'),
        std::string(199, 'x') + "\xc3\xbc", std::string("\xe2\x80\xa8")}) {
    NodeNote note = sample_node();
    note.user = user;
    const auto parsed = parse_node_note(to_json(note), kAlice);
    EXPECT_TRUE(parsed.note) << parsed.problem;
  }
}

TEST(MasterNoteTest, ComesBackAsWritten) {
  const auto parsed = parse_master_note(to_json(sample_master()));
  ASSERT_TRUE(parsed.note) << parsed.problem;
  EXPECT_EQ(parsed.note->seq, Seq{42});
  EXPECT_EQ(parsed.note->state, digest_of("state"));
  EXPECT_EQ(parsed.note->digest, digest_of("file"));
  EXPECT_EQ(parsed.note->size, 20'000'000U);
  EXPECT_EQ(parsed.note->built_by, "alice");
  EXPECT_EQ(parsed.note->built_at_ms, 1'795'000'000'123);
  EXPECT_EQ(parsed.note->backup_day, "2026-11-21");
  EXPECT_EQ(parsed.note->file_ms, 1'795'000'000'500);
}

TEST(MasterNoteTest, EveryMemberIsChecked) {
  const std::vector<std::pair<std::string, Json>> hostile{
      {"seq", -1},          {"seq", nullptr},          {"state", "abc"},
      {"state", 5},         {"digest", "zz"},          {"size", -5},
      {"size", 1e18},       {"built_by", "../../etc"}, {"built_by", "Ä"},
      {"built_at", "now"},  {"file_ms", "x"},          {"file_ms", 1e17},
      {"size", "20000000"}, {"backup_day", "today"},   {"backup_day", 5},
  };
  for (const auto& [name, value] : hostile) {
    Json json = json_of_master();
    json[name] = value;
    EXPECT_FALSE(parse_master_note(json.dump()).note) << name << " = " << value;
  }
}

class NotesOnShareTest : public DatasetFixture {};

TEST_F(NotesOnShareTest, AreListedWithTheirProblems) {
  create();
  Dataset& dataset = dataset_;
  EXPECT_TRUE(read_node_notes(dataset).empty());
  EXPECT_FALSE(read_node_note(dataset, kAlice));
  EXPECT_FALSE(read_master_note(dataset));
  dataset.write_note("nodes/alice.json", to_json(sample_node()));
  dataset.write_note("nodes/bob.json", to_json(sample_node()));  // a copy of another's
  dataset.write_note("nodes/carla.json", std::string(2u << 20, 'x'));
  dataset.write_note("nodes/No Node.json", to_json(sample_node()));
  const auto nodes = read_node_notes(dataset);
  ASSERT_EQ(nodes.size(), 3U);
  EXPECT_TRUE(nodes[0].parsed.note);
  EXPECT_EQ(nodes[1].node, NodeId{"bob"});
  EXPECT_EQ(nodes[1].parsed.problem, "its \"node\" is not the one of the file's name");
  EXPECT_FALSE(nodes[2].parsed.note);
  EXPECT_FALSE(nodes[2].parsed.problem.empty());
}

}  // namespace
}  // namespace tidesync::test
