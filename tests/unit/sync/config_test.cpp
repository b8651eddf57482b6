#include "sync/config.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/memory_file_system.h"

namespace tidesync {
namespace {

const Path kFile = "/config.toml";

Config read_text(const std::string& text) {
  test::MemoryFileSystem fs;
  write_new_file(fs, kFile, text);
  return read_config(fs, kFile);
}

std::string problem_of(const std::string& text) {
  try {
    read_text(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    return error.what();
  }
  return "no problem";
}

Config sample() {
  Config config;
  config.share = "/mnt/nas/quotes";
  config.node = NodeId{"alice"};
  config.user = "Alice";
  return config;
}

void expect_round_trip(const Config& config) {
  test::MemoryFileSystem fs;
  write_config(fs, kFile, config);
  write_config(fs, kFile, config);  // replaces
  const Config read = read_config(fs, kFile);
  EXPECT_EQ(read.share, config.share);
  EXPECT_EQ(read.node, config.node);
  EXPECT_EQ(read.user, config.user);
  EXPECT_EQ(read.interval_minutes, config.interval_minutes);
  EXPECT_EQ(read.hole_minutes, config.hole_minutes);
  EXPECT_EQ(read.patience_ms, config.patience_ms);
  EXPECT_EQ(read.refresh_master, config.refresh_master);
  EXPECT_EQ(read.daily_backups, config.daily_backups);
  EXPECT_EQ(read.keep_backups, config.keep_backups);
  EXPECT_EQ(read.log.level, config.log.level);
  EXPECT_EQ(fs.list("/").size(), 1u);
}

constexpr const char* kStart = "share = \"/s\"\nnode = \"alice\"\n";

TEST(Config, DefaultsAreUsedForWhatIsNotSaid) {
  const Config config = read_text(kStart);
  EXPECT_EQ(config.share, Path("/s"));
  EXPECT_EQ(config.interval_minutes, 120);
  EXPECT_EQ(config.patience_ms, 5000);
  EXPECT_TRUE(config.refresh_master);
  EXPECT_EQ(config.log.level, "info");
}

TEST(Config, EveryKeyIsRead) {
  const Config config = read_text(
      "\xEF\xBB\xBFshare = '\\\\nas\\quotes'\r\nnode = \"bob-2\"\r\nuser = \"B\xC3\xB6"
      "b\"\r\ninterval = \"2d\"\r\npatience = \"500ms\"\r\nmaster = false\r\nlog = \"off\"\r\n");
  EXPECT_EQ(to_utf8(config.share), "\\\\nas\\quotes");
  EXPECT_EQ(config.node.value, "bob-2");
  EXPECT_EQ(config.user,
            "B\xC3\xB6"
            "b");
  EXPECT_EQ(config.interval_minutes, 2 * 24 * 60);
  EXPECT_EQ(config.patience_ms, 500);
  EXPECT_FALSE(config.refresh_master);
  EXPECT_EQ(config.log.level, "off");
}

TEST(Config, RoundTrip) {
  expect_round_trip(sample());
  Config config = sample();
  config.interval_minutes = 15;
  config.patience_ms = 0;
  config.refresh_master = false;
  config.log.level = "debug";
  expect_round_trip(config);
  for (const std::int64_t minutes : {1, 59, 60, 61, 1440, 1441, 31 * 1440}) {
    config.interval_minutes = minutes;
    expect_round_trip(config);
  }
  for (const std::int64_t days : {0, 7, 3650}) {
    config.hole_minutes = days * 24 * 60;
    expect_round_trip(config);
  }
  for (const std::int64_t ms : {1, 999, 1000, 1001, 60'000, 600'000}) {
    config.patience_ms = ms;
    expect_round_trip(config);
  }
}

TEST(Config, RoundTripOfOddPathsAndNames) {
  for (const std::string text :
       {"plain", "it's", "say \"hi\"", "\\\\nas\\quotes", "C:\\Users\\O'Brien",
        "both ' and \" and \\", "tab\there", "line\nbreak", "bell\x07 and del\x7F",
        "Gr\xC3\xB6\xC3\x9F"
        "e \xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x99\x82",
        "# no comment", "'''", "\"\"\"", "end\\", " "}) {
    Config config = sample();
    config.share = from_utf8("/mnt/" + text);
    config.user = text;
    expect_round_trip(config);
  }
}

TEST(Config, InvalidUtf8IsNotWritten) {
  test::MemoryFileSystem fs;
  Config config = sample();
  config.share = "/mnt/\xFF";
  EXPECT_ERROR(write_config(fs, kFile, config), ErrorCode::kUsage);
  EXPECT_TRUE(fs.list("/").empty());
}

TEST(Config, MissingFileSaysWhatToDo) {
  test::MemoryFileSystem fs;
  try {
    read_config(fs, kFile);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_NE(error.hint().find("tidesync init"), std::string::npos);
  }
}

TEST(Config, UnknownKeysGetASuggestion) {
  EXPECT_EQ(problem_of(std::string(kStart) + "\n# often\n\n\nintervall = \"1h\"\n"),
            "read configuration /config.toml line 7: unknown key \"intervall\" (did you mean "
            "\"interval\"?)");
  EXPECT_NE(problem_of(std::string(kStart) + "Log = \"off\"\n").find("did you mean \"log\""),
            std::string::npos);
  const std::string far = problem_of(std::string(kStart) + "colour = \"red\"\n");
  EXPECT_NE(far.find("line 3: unknown key \"colour\""), std::string::npos) << far;
  EXPECT_EQ(far.find("did you mean"), std::string::npos) << far;
}

TEST(Config, AnUnknownSectionNamesItsLine) {
  const std::string problem = problem_of(std::string(kStart) + "\n[orders]\nmerge = \"row\"\n");
  EXPECT_NE(problem.find("line 4: unknown section \"orders\""), std::string::npos) << problem;
}

TEST(Config, WrongTypesAndValuesNameLineAndWayOut) {
  const struct {
    const char* line;
    const char* expected;
  } cases[] = {
      {"interval = 120",
       "line 3: interval must be text in quotes, not a number: interval = \"120m\""},
      {"interval = \"90s\"", "line 3: \"90s\" is no interval"},
      {"interval = \"0m\"", "is no interval"},
      {"interval = \"32d\"", "is no interval"},
      {"interval = \"99999999999999999999m\"", "is no interval"},
      {"interval = \"\"", "is no interval"},
      {"interval = \"-5m\"", "is no interval"},
      {"patience = \"11m\"", "line 3: \"11m\" is no patience"},
      {"accept_hole = \"6d\"", "line 3: \"6d\" is no time to wait for a missing batch"},
      {"master = \"yes\"", "line 3: master must be true or false, not text: master = true"},
      {"log = \"loud\"", "line 3: \"loud\" is no log level"},
      {"user = [1]", "line 3: user must be text in quotes, not a list"},
      {"user = 2026-01-01", "not a date or time"},
      {"user = \"a", "line 3: "},
      {"user 5", "line 3: "},
      {"node = \"bob\"", "line 3: "},  // twice
      {"user = \"\xFF\"", "line 3"},
  };
  for (const auto& c : cases) {
    const std::string problem = problem_of(std::string(kStart) + c.line + "\n");
    EXPECT_NE(problem.find(c.expected), std::string::npos) << c.line << " gave " << problem;
  }
  EXPECT_NE(problem_of("share = \"\"\nnode = \"a\"").find("line 1: share is empty"),
            std::string::npos);
  EXPECT_NE(problem_of("share = \"/s\"\nnode = \"Bob!\"").find("line 2: \"Bob!\" is no node name"),
            std::string::npos);
}

TEST(Config, AllProblemsAreListedInOrderOfLines) {
  const std::string problem = problem_of("usr = \"x\"\nnode = \"a\"\nlog = 5\n");
  EXPECT_NE(problem.find("\"share\" is missing"), std::string::npos) << problem;
  EXPECT_LT(problem.find("line 1: unknown key \"usr\" (did you mean \"user\"?)"),
            problem.find("line 3: log must be text"))
      << problem;
}

TEST(Config, RulesOfBackupsAreRead) {
  EXPECT_TRUE(read_text(kStart).daily_backups);
  const Config config = read_text(std::string(kStart) + "backups = 'off'\nkeep_backups = '20'\n");
  EXPECT_FALSE(config.daily_backups);
  EXPECT_EQ(config.keep_backups, "20");
  expect_round_trip(config);
  EXPECT_NE(problem_of(std::string(kStart) + "backups = 'hourly'\n").find("daily or off"),
            std::string::npos);
  EXPECT_NE(problem_of(std::string(kStart) + "keep_backups = 'all'\n").find("7d 8w 12m"),
            std::string::npos);
}

std::string with_node(const std::string& text, const std::string& node) {
  test::MemoryFileSystem fs;
  write_new_file(fs, kFile, text);
  set_config_text(fs, kFile, "node", node);
  EXPECT_EQ(fs.list("/").size(), 1u);
  return read_file(fs, kFile, kMaxConfigBytes).value();
}

TEST(Config, OneValueIsReplacedAndAllElseStays) {
  const std::pair<std::string, std::string> cases[] = {
      {"node = \"a\"\n", "node = \"bob\"\n"},
      {"# übrig\r\nshare='x'\r\nnode='a' # Müller\r\nuser='ü'\r\n",
       "# übrig\r\nshare='x'\r\nnode=\"bob\" # Müller\r\nuser='ü'\r\n"},
      {"\"node\"\t=\t'''a'''", "\"node\"\t=\t\"bob\""},
      {"node = \"\"\"\na\"\"\"\nshare = 'node = 1'\n", "node = \"bob\"\nshare = 'node = 1'\n"},
      {"# node = 'x'\n\"user\" = 'node' \nnode = 'a'\n[tables.t]\nprefer = 'local' # node\n",
       "# node = 'x'\n\"user\" = 'node' \nnode = \"bob\"\n[tables.t]\nprefer = 'local' # node\n"},
  };
  for (const auto& [before, after] : cases) EXPECT_EQ(with_node(before, "bob"), after);
}

TEST(Config, ValueThatIsNotThereIsNotReplaced) {
  EXPECT_ERROR(with_node("share = 'x'\n", "bob"), ErrorCode::kUsage);
  EXPECT_ERROR(with_node("node = 7\n", "bob"), ErrorCode::kUsage);
  EXPECT_ERROR(with_node("node = \n", "bob"), ErrorCode::kUsage);
}

std::string with_value(const std::string& text, const std::string& key, const std::string& value) {
  test::MemoryFileSystem fs;
  write_new_file(fs, kFile, text);
  set_config_value(fs, kFile, key, value);
  EXPECT_EQ(fs.list("/").size(), 1u);
  return read_file(fs, kFile, kMaxConfigBytes).value();
}

TEST(Config, SettingOfAnyFormIsChangedWhereItStands) {
  const std::string start = kStart;
  EXPECT_EQ(with_value(start + "interval = '2h' # often\n", "interval", "15m"),
            start + "interval = \"15m\" # often\n");
  EXPECT_EQ(with_value(start + "master = true\n", "master", "false"), start + "master = false\n");
  EXPECT_EQ(with_value(start + "keep_entries = 7\nuser = 'x'\n", "keep_entries", "5000"),
            start + "keep_entries = 5000\nuser = 'x'\n");
  EXPECT_EQ(with_value(start, "share", "\\\\nas\\quotes"),
            "share = '\\\\nas\\quotes'\nnode = \"alice\"\n");
}

TEST(Config, SettingThatIsNotInTheFileComesBehindTheOthers) {
  const std::string start = kStart;
  EXPECT_EQ(with_value("share = '/s'\nnode = 'a' # us", "interval", "1h"),
            "share = '/s'\nnode = 'a' # us\ninterval = \"1h\"\n");
  EXPECT_EQ(
      with_value(start + "references = [\n  'a.b -> c',\n]\n\n[tables.a]\nmerge = 'row'\n", "limit",
                 "2 MB/s"),
      start +
          "references = [\n  'a.b -> c',\n]\nlimit = \"2 MB/s\"\n\n[tables.a]\nmerge = 'row'\n");
}

TEST(Config, ValueThatIsNotAcceptedChangesNothing) {
  test::MemoryFileSystem fs;
  write_new_file(fs, kFile, kStart);
  const std::pair<const char*, const char*> wrong[] = {
      {"interval", "0m"},   {"interval", "-5m"},    {"interval", "soon"}, {"interval", "365d"},
      {"master", "yes"},    {"keep_entries", "-1"}, {"keep_entries", ""}, {"limit", "fast"},
      {"limit", "0 MB/s"},  {"limit", "99 GB/s"},   {"hook_limit", "0s"}, {"log_format", "xml"},
      {"intervall", "15m"}, {"references", "a->b"}, {"share", ""},        {"node", "A B"},
  };
  for (const auto& [key, value] : wrong)
    EXPECT_ERROR(set_config_value(fs, kFile, key, value), ErrorCode::kUsage);
  EXPECT_EQ(read_file(fs, kFile, kMaxConfigBytes).value(), kStart);
}

TEST(Config, FileWithAnotherMistakeIsNotChanged) {
  test::MemoryFileSystem fs;
  const std::string text = std::string(kStart) + "pateince = '5s'\n";
  write_new_file(fs, kFile, text);
  EXPECT_ERROR(set_config_value(fs, kFile, "interval", "15m"), ErrorCode::kUsage);
  EXPECT_EQ(read_file(fs, kFile, kMaxConfigBytes).value(), text);
}

TEST(Config, EverySettingIsSetToWhatItShows) {
  const Config config = sample();
  for (const auto& [key, value] : config_values(config)) {
    const Config read = read_text(with_value(kStart, key, value));
    EXPECT_EQ(config_value(read, key), value) << key;
  }
  EXPECT_ERROR(config_value(config, "intervall"), ErrorCode::kUsage);
}

TEST(Config, LimitsOfTheBandwidth) {
  const std::pair<const char*, std::int64_t> cases[] = {{"off", 0},
                                                        {"2 MB/s", 2'000'000},
                                                        {"500kB/s", 500'000},
                                                        {"1.5 MB/s", 1'500'000},
                                                        {"10 GB/s", 10'000'000'000},
                                                        {"1 kB/s", 1000}};
  for (const auto& [text, rate] : cases) {
    const Config config = read_text(std::string(kStart) + "limit = '" + text + "'\n");
    EXPECT_EQ(config.limit_bytes_per_s, rate) << text;
    const Config again = read_text(with_value(kStart, "limit", config_value(config, "limit")));
    EXPECT_EQ(again.limit_bytes_per_s, rate) << text;
  }
}

TEST(Config, IntervalsOfTheCommandLine) {
  EXPECT_EQ(parse_interval_minutes("1m"), 1);
  EXPECT_EQ(parse_interval_minutes("2h"), 120);
  EXPECT_EQ(parse_interval_minutes("31d"), 31 * 24 * 60);
  for (const char* text : {"", "m", "15", "15 m", "1.5h", "90s", "0h", "745h", "1w", "+5m"}) {
    EXPECT_ERROR(parse_interval_minutes(text), ErrorCode::kUsage);
  }
}

TEST(Config, LocalPathsStandBesideTheDatabase) {
  const LocalPaths paths("/data/quotes.db");
  EXPECT_EQ(paths.folder, Path("/data/quotes.db.tidesync"));
  EXPECT_EQ(paths.config, Path("/data/quotes.db.tidesync/config.toml"));
  EXPECT_EQ(paths.logs, Path("/data/quotes.db.tidesync/log"));
}

}  // namespace
}  // namespace tidesync
