// Installing, finding, changing and removing tasks, with schedulers that only note what they are
// told.
#include "schedule/os_task.h"

#include "schedule/os_task_kinds.h"
#include "schedule/task_note.h"
#include "support/expect_error.h"
#include "unit/schedule/fake_host.h"

namespace tidesync {
namespace {

using test::FakeHost;

Task task_of(const std::string& database = "/home/anna/quotes.db") {
  Task task;
  task.database = from_utf8(database);
  task.program = "/usr/bin/tidesync";
  task.node = "anna";
  task.every_minutes = 15;
  return task;
}

std::string text_of(FakeHost& fake, const std::string& path) {
  return read_file(fake.files, path, 1 << 20).value_or("(none)");
}

class OsTask : public ::testing::Test {
 protected:
  std::unique_ptr<OsTasks> tasks(TaskKind kind) { return os_tasks(kind, fake.host); }
  FakeHost fake;
};

TEST_F(OsTask, TheNameHoldsWhatIsSafeAndADigestOfThePath) {
  EXPECT_EQ(task_name("/home/anna/quotes.db").rfind("quotes-", 0), 0U);
  EXPECT_EQ(task_name("/home/anna/quotes.db").size(), std::string("quotes-0123456789").size());
  EXPECT_NE(task_name("/home/anna/quotes.db"), task_name("/home/ben/quotes.db"));
  EXPECT_EQ(task_name(from_utf8("/x/\xC3\x89t\xC3\xA9 & (new) 2026 and much more.db"))
                .rfind("t-new-2026-and-much-", 0),
            0U);
  EXPECT_EQ(task_name("/x/$%.db").rfind("database-", 0), 0U);
}

TEST_F(OsTask, EveryKindInstallsFindsAndRemoves) {
  for (const TaskKind kind : {TaskKind::kSystemd, TaskKind::kSystemdSystem, TaskKind::kCron,
                              TaskKind::kLaunchd, TaskKind::kWindows}) {
    SCOPED_TRACE(to_string(kind));
    const auto scheduler = tasks(kind);
    Task task = task_of();
    task.at_logon = true;
    if (kind == TaskKind::kSystemdSystem) task.account = "anna";
    EXPECT_FALSE(scheduler->find(task.database));
    scheduler->install(task);
    const auto found = scheduler->find(task.database);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->kind, kind);
    EXPECT_TRUE(found->active);
    EXPECT_EQ(found->task.every_minutes, 15);
    EXPECT_EQ(found->task.program, task.program);
    EXPECT_EQ(found->task.database, task.database);
    EXPECT_TRUE(found->task.at_logon);
    EXPECT_FALSE(found->places.empty());
    ASSERT_TRUE(found->next_s);
    EXPECT_EQ(*found->next_s, fake.host.now_s + seconds_to_next(task.times(), fake.host.now));
    EXPECT_FALSE(scheduler->find("/home/anna/other.db"));
    scheduler->remove(*found);
    EXPECT_FALSE(scheduler->find(task.database));
  }
}

TEST_F(OsTask, TheFirstKindThatWorksIsTaken) {
  EXPECT_EQ(choose_kind(fake.host), TaskKind::kSystemd);
  fake.failing["systemctl --user"] = "Failed to connect to bus: No medium found";
  EXPECT_EQ(choose_kind(fake.host), TaskKind::kCron);
  fake.missing.insert("systemctl");
  EXPECT_EQ(choose_kind(fake.host), TaskKind::kCron);
  fake.missing.insert("crontab");
  EXPECT_ERROR(choose_kind(fake.host), ErrorCode::kNotFound);
  fake.missing.erase("crontab");
  fake.failing["crontab -l"] = "You (anna) are not allowed to use this program (crontab)";
  EXPECT_ERROR(choose_kind(fake.host), ErrorCode::kNotFound);
}

TEST_F(OsTask, SystemdIsToldOfTheUnits) {
  tasks(TaskKind::kSystemd)->install(task_of());
  const std::string unit = "tidesync-" + task_name(task_of().database);
  EXPECT_TRUE(fake.called("systemctl --user daemon-reload"));
  EXPECT_TRUE(fake.called("systemctl --user enable " + unit + ".timer"));
  EXPECT_TRUE(fake.called("systemctl --user restart " + unit + ".timer"));
  EXPECT_NE(text_of(fake, "/home/anna/.config/systemd/user/" + unit + ".service"), "(none)");
  EXPECT_NE(text_of(fake, "/home/anna/.config/systemd/user/" + unit + ".timer"), "(none)");
}

TEST_F(OsTask, NothingStaysWhenSystemdRefuses) {
  fake.failing["systemctl --user enable"] = "Failed to enable unit: Read-only file system";
  try {
    tasks(TaskKind::kSystemd)->install(task_of());
    ADD_FAILURE() << "it did not throw";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("Read-only file system"), std::string::npos);
  }
  EXPECT_FALSE(tasks(TaskKind::kSystemd)->find(task_of().database));
}

TEST_F(OsTask, ALingeringUserIsAskedForOnlyWithAlways) {
  EXPECT_NE(tasks(TaskKind::kSystemd)->install(task_of()).at(0).find("--always"),
            std::string::npos);
  EXPECT_FALSE(fake.called("loginctl enable-linger"));
  Task task = task_of();
  task.always = true;
  EXPECT_TRUE(tasks(TaskKind::kSystemd)->install(task).empty());
  EXPECT_TRUE(fake.called("loginctl enable-linger"));
  fake.failing["loginctl"] = "Could not enable linger: Access denied";
  EXPECT_NE(tasks(TaskKind::kSystemd)->install(task).at(0).find("administrator"),
            std::string::npos);
}

TEST_F(OsTask, AUnitOfTheSystemNeedsAnAccount) {
  EXPECT_ERROR(tasks(TaskKind::kSystemdSystem)->check(task_of()), ErrorCode::kUsage);
  Task task = task_of();
  task.account = "ben";
  tasks(TaskKind::kSystemdSystem)->check(task);
  EXPECT_ERROR(tasks(TaskKind::kSystemd)->check(task), ErrorCode::kUsage);
  EXPECT_NE(tasks(TaskKind::kSystemdSystem)->fill(task)[0].text.find("\nUser=ben\n"),
            std::string::npos);
}

TEST_F(OsTask, WhatAKindCannotDoIsRefused) {
  Task idle = task_of();
  idle.on_idle = true;
  for (const TaskKind kind : {TaskKind::kSystemd, TaskKind::kCron, TaskKind::kLaunchd})
    EXPECT_ERROR(tasks(kind)->check(idle), ErrorCode::kUsage);
  tasks(TaskKind::kWindows)->check(idle);
  Task always = task_of();
  always.always = true;
  EXPECT_ERROR(tasks(TaskKind::kLaunchd)->check(always), ErrorCode::kUsage);
  for (const char* path : {"C:\\%TEMP%\\a.db", "C:\\$(Arg0)\\a.db"})
    EXPECT_ERROR(tasks(TaskKind::kWindows)->check(task_of(path)), ErrorCode::kUsage);
  tasks(TaskKind::kWindows)->check(task_of("C:\\100%\\a.db"));
  EXPECT_ERROR(tasks(TaskKind::kCron)->check(task_of("/a\nb.db")), ErrorCode::kUsage);
  EXPECT_ERROR(tasks(TaskKind::kCron)->check(task_of("/" + std::string(1000, 'a'))),
               ErrorCode::kUsage);
}

TEST_F(OsTask, CronNamesTheIntervalsThatWork) {
  Task task = task_of();
  task.every_minutes = 7;
  try {
    tasks(TaskKind::kCron)->check(task);
    ADD_FAILURE() << "it did not throw";
  } catch (const Error& error) {
    EXPECT_NE(error.hint().find("6m or 8m"), std::string::npos) << error.hint();
  }
  for (const TaskKind kind : {TaskKind::kSystemd, TaskKind::kLaunchd, TaskKind::kWindows})
    tasks(kind)->check(task);
}

TEST_F(OsTask, OtherLinesOfACrontabStayAsTheyAre) {
  const std::string others = "MAILTO=anna\n# m h dom\n\n0 5 * * 1 tar -zcf /x.tgz /home/ # 100\\%";
  fake.crontab = others;
  const auto cron = tasks(TaskKind::kCron);
  cron->install(task_of());
  cron->install(task_of("/home/anna/second.db"));
  EXPECT_EQ(fake.crontab.rfind(others + "\n# tidesync begin ", 0), 0U) << fake.crontab;
  const std::string two = fake.crontab;
  // Again: in the same place, once.
  cron->install(task_of());
  EXPECT_EQ(fake.crontab, two);
  fake.crontab += "@daily echo after\n";
  cron->remove(*cron->find("/home/anna/quotes.db"));
  ASSERT_TRUE(cron->find("/home/anna/second.db"));
  cron->remove(*cron->find("/home/anna/second.db"));
  EXPECT_EQ(fake.crontab, others + "\n@daily echo after\n");
}

TEST_F(OsTask, AnEmptyCrontabIsRemoved) {
  const auto cron = tasks(TaskKind::kCron);
  cron->install(task_of());
  cron->remove(*cron->find(task_of().database));
  EXPECT_TRUE(fake.called("crontab -r"));
  EXPECT_EQ(fake.crontab, "");
}

TEST_F(OsTask, ACrontabWithHalfOfOurMarksIsNotTouched) {
  const auto cron = tasks(TaskKind::kCron);
  cron->install(task_of());
  const std::string whole = fake.crontab;
  for (const char* mark : {"# tidesync begin", "# tidesync end"}) {
    fake.crontab = whole;
    const std::size_t at = fake.crontab.find(mark);
    fake.crontab.erase(at, fake.crontab.find('\n', at) + 1 - at);
    const std::string before = fake.crontab;
    EXPECT_ERROR(cron->find(task_of().database), ErrorCode::kDamaged);
    EXPECT_ERROR(cron->install(task_of()), ErrorCode::kDamaged);
    EXPECT_EQ(fake.crontab, before);
  }
}

TEST_F(OsTask, ACrontabThatCannotBeReadIsNotReplaced) {
  fake.crontab = "0 5 * * * important\n";
  fake.failing["crontab -l"] = "crontab: can't open your crontab file";
  EXPECT_ERROR(tasks(TaskKind::kCron)->install(task_of()), ErrorCode::kNoPermission);
  EXPECT_EQ(fake.crontab, "0 5 * * * important\n");
}

TEST_F(OsTask, UnitsWithoutTheirNoteAreNotTakenForOurs) {
  tasks(TaskKind::kSystemd)->install(task_of());
  const std::string service =
      "/home/anna/.config/systemd/user/tidesync-" + task_name(task_of().database) + ".service";
  fake.files.remove(service);
  write_new_file(fake.files, service, "[Service]\nExecStart=/bin/true\n");
  EXPECT_ERROR(tasks(TaskKind::kSystemd)->find(task_of().database), ErrorCode::kDamaged);
}

TEST_F(OsTask, WindowsGetsUtf16AndKeepsNothingBehind) {
  tasks(TaskKind::kWindows)->install(task_of());
  const std::string name = "\\tidesync\\" + task_name(task_of().database);
  EXPECT_EQ(fake.registered[name].substr(0, 4), std::string("\xFF\xFE<\0", 4));
  EXPECT_EQ(text_of(fake, "/home/anna/quotes.db.tidesync/task.xml"), "(none)");
}

TEST_F(OsTask, WindowsIsNotGivenAPasswordByUs) {
  Task task = task_of();
  task.always = true;
  task.account = "OFFICE\\anna b";
  const TaskNotes notes = tasks(TaskKind::kWindows)->install(task);
  EXPECT_TRUE(fake.registered.empty());
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_NE(notes[0].find("schtasks /Create /TN \\tidesync\\quotes-"), std::string::npos);
  EXPECT_NE(notes[0].find("/RU \"OFFICE\\anna b\" /RP *"), std::string::npos) << notes[0];
  EXPECT_NE(text_of(fake, "/home/anna/quotes.db.tidesync/task.xml"), "(none)");
}

TEST_F(OsTask, LaunchdIsToldAndAFailureLeavesNothing) {
  tasks(TaskKind::kLaunchd)->install(task_of());
  const std::string label = "tidesync." + task_name(task_of().database);
  const std::string plist = "/home/anna/Library/LaunchAgents/" + label + ".plist";
  EXPECT_TRUE(fake.called("launchctl bootstrap gui/1000 " + plist));
  EXPECT_NE(text_of(fake, plist), "(none)");
  fake.failing["launchctl bootstrap"] = "Bootstrap failed: 5: Input/output error";
  EXPECT_ERROR(tasks(TaskKind::kLaunchd)->install(task_of()), ErrorCode::kIo);
  EXPECT_EQ(text_of(fake, plist), "(none)");
}

}  // namespace
}  // namespace tidesync
