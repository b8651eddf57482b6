// Words with every character that some format takes for something else, read back by that format's
// own rules.
#include "schedule/task_text.h"

#include <gtest/gtest.h>

#include "base/child_process.h"
#include "base/text.h"
#include "schedule/task_note.h"
#include "support/expect_error.h"

namespace tidesync {
namespace {

const std::vector<std::string> kHostile{
    "/plain/quotes.db",
    "/with blank/a  b.db",
    "/quote\"double/and'single.db",
    "/percent%/100%%/%h%%n.db",
    "/dollar$HOME/${PATH}/$(id)/`id`.db",
    "/back\\slash\\/\\%/end\\",
    "/m\xC3\xBCller & s\xC3\xB6hne/<quotes>;#.db",
    "/-- --db/-x.db",
    "/\xE6\xBC\xA2\xE5\xAD\x97/\xF0\x9F\x98\x80.db",
};

// As systemd reads a quoted word: specifiers first, then escapes; $ last.
std::string systemd_reads(const std::string& word) {
  EXPECT_EQ(word.front(), '"');
  EXPECT_EQ(word.back(), '"');
  std::string out;
  for (std::size_t i = 1; i + 1 < word.size(); ++i) {
    const char c = word[i];
    if (c == '"') ADD_FAILURE() << "the word ends in its middle: " << word;
    if (c == '%' || c == '$') {
      EXPECT_EQ(word[i + 1], c) << word;
      ++i;
    } else if (c == '\\' && word[i + 1] == 'x') {
      out += from_hex(word.substr(i + 2, 2));
      i += 3;
      continue;
    } else if (c == '\\') {
      ++i;
    }
    out += word[i];
  }
  return out;
}

// As CommandLineToArgvW splits a command line.
std::vector<std::string> windows_reads(const std::string& line) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < line.size();) {
    while (i < line.size() && line[i] == ' ') ++i;
    if (i == line.size()) break;
    std::string word;
    for (bool quoted = false; i < line.size() && (quoted || line[i] != ' ');) {
      std::size_t backslashes = 0;
      while (i < line.size() && line[i] == '\\') ++i, ++backslashes;
      const bool quote = i < line.size() && line[i] == '"';
      word += std::string(quote ? backslashes / 2 : backslashes, '\\');
      if (!quote) {
        if (i < line.size() && (quoted || line[i] != ' ')) word += line[i++];
      } else {
        if (backslashes % 2 == 1) word += '"';
        if (backslashes % 2 == 0) quoted = !quoted;
        ++i;
      }
    }
    words.push_back(word);
  }
  return words;
}

TEST(TaskText, SystemdReadsTheWordsBack) {
  for (const std::string& word : kHostile) EXPECT_EQ(systemd_reads(systemd_word(word)), word);
  EXPECT_EQ(systemd_reads(systemd_word("a\nb\x01\x7F")), "a\nb\x01\x7F");
  EXPECT_EQ(systemd_reads(systemd_word("latin\xFC")), "latin\xFC");
  EXPECT_EQ(systemd_word("latin\xFC").find('\xFC'), std::string::npos) << "units are UTF-8";
  EXPECT_EQ(systemd_word("/opt/$1/tidesync", true), "\"/opt/$1/tidesync\"");
}

TEST(TaskText, TheShellReadsTheWordsOfACrontabBack) {
  for (const std::string& word : kHostile) {
    const std::string written = crontab_word(word);
    EXPECT_EQ(written.find('%'), std::string::npos) << "cron would cut the command off";
    EXPECT_EQ(run_child({{"/bin/sh", "-c", "printf %s " + written}}, 10'000).output, word);
  }
}

TEST(TaskText, WindowsReadsTheWordsBack) {
  std::vector<std::string> words = kHostile;
  words.insert(words.end(), {"", "C:\\Users\\Anna B\\quotes.db", "C:\\ends with\\", "\\\\nas\\q\\",
                             "a\\\"b", "\"\"", "x\\\\\"y z"});
  std::string line;
  for (const std::string& word : words) line += windows_word(word) + " ";
  EXPECT_EQ(windows_reads(line), words);
}

TEST(TaskText, XmlKeepsEverythingButWhatItCannotHold) {
  EXPECT_EQ(xml_text("a & b <c> \"d\""), "a &amp; b &lt;c&gt; \"d\"");
  EXPECT_EQ(xml_text("line\nbreak"), "line&#10;break");
  EXPECT_EQ(xml_text(std::string("bell\x07", 5)), "bell\xEF\xBF\xBD");
}

TEST(TaskText, FilesForWindowsAreUtf16WithAMark) {
  EXPECT_EQ(utf16_file("a\n"), std::string("\xFF\xFE"
                                           "a\0\r\0\n\0",
                                           8));
  EXPECT_EQ(utf16_file("\xC3\xBC"), std::string("\xFF\xFE\xFC\0", 4));
  EXPECT_EQ(utf16_file("\xF0\x9F\x98\x80"), std::string("\xFF\xFE\x3D\xD8\x00\xDE", 6));
}

TEST(TaskText, ATemplateWithANameNobodyKnowsIsADefect) {
  EXPECT_EQ(fill_template("a @X@ b@Y@", {{"X", "1"}, {"Y", "@X@"}}), "a 1 b@X@");
  EXPECT_THROW(fill_template("@Z@", {}), Error);
  EXPECT_THROW(fill_template("a@b.example", {}), Error);
}

Task task_of(const std::string& database) {
  Task task;
  task.database = from_utf8(database);
  task.program = from_utf8("/opt/a--b/tide<sync>");
  task.node = "anna";
  task.account = "OFFICE\\anna";
  task.every_minutes = 45;
  task.at_logon = true;
  return task;
}

TEST(TaskNote, IsReadBackFromAnyFormat) {
  std::vector<std::string> names = kHostile;
  names.insert(names.end(), {"/latin\xFC.db", "/a\nb.db"});
  for (const std::string& name : names) {
    const std::string note = print_note(task_of(name));
    EXPECT_EQ(note.find_first_of("<>&\n\r"), std::string::npos) << note;
    EXPECT_EQ(note.find("--"), std::string::npos) << note;
    for (const char c : note) EXPECT_GT(c, 0) << note;
    for (const std::string& text :
         {"# " + note + "\n[Unit]", "<!-- " + note + " -->\n", "<D>" + note + "</D>", note}) {
      const auto task = find_note(text);
      ASSERT_TRUE(task) << text;
      EXPECT_EQ(to_utf8(task->database), name);
      EXPECT_EQ(to_utf8(task->program), "/opt/a--b/tide<sync>");
      EXPECT_EQ(task->node, "anna");
      EXPECT_EQ(task->account, "OFFICE\\anna");
      EXPECT_EQ(task->every_minutes, 45);
      EXPECT_TRUE(task->at_logon);
      EXPECT_FALSE(task->on_idle || task->always);
    }
  }
}

TEST(TaskNote, WhatIsNoneIsPassedOver) {
  const std::string note = print_note(task_of("/a.db"));
  EXPECT_FALSE(find_note(""));
  EXPECT_FALSE(find_note("tidesync-schedule "));
  EXPECT_FALSE(find_note("tidesync-schedule {\"version\":2}"));
  EXPECT_FALSE(find_note("tidesync-schedule {\"version\":1,\"database\":5}"));
  EXPECT_FALSE(find_note(note.substr(0, note.size() - 5)));
  EXPECT_TRUE(find_note("tidesync-schedule {}\n" + note));
}

}  // namespace
}  // namespace tidesync
