// launchd: an agent of the user, in ~/Library/LaunchAgents. It runs while the user is logged on.
//
// Times of the day are made up for once when the computer wakes up; an interval counted in seconds
// is not, so it is used only where there are no such times.
#include "base/error.h"
#include "base/text.h"
#include "schedule/os_task_kinds.h"
#include "schedule/task_note.h"
#include "schedule/task_text.h"
#include "task_templates.h"

namespace tidesync {
namespace {

class LaunchdTasks : public OsTasks {
 public:
  explicit LaunchdTasks(const TaskHost& host) : host_(host) {}

  bool available() const override { return runs_well(host_, {"launchctl", "print", domain()}); }
  void check(const Task& task) const override;
  std::vector<TaskFile> fill(const Task& task) const override;
  TaskNotes install(const Task& task) override;
  std::optional<InstalledTask> find(const Path& database) const override;
  void remove(const InstalledTask& installed) override;

 private:
  static std::string label(const Path& database) { return "tidesync." + task_name(database); }
  std::string domain() const { return "gui/" + host_.user_id; }
  Path place(const Path& database) const {
    return host_.home / "Library" / "LaunchAgents" / (label(database) + ".plist");
  }
  const TaskHost& host_;
};

std::string integer(const char* key, int value) {
  return std::string("<key>") + key + "</key><integer>" + std::to_string(value) + "</integer>";
}

// A part without hours stands for every hour, as a missing key does; so with minutes.
void add_dictionaries(const DayTimes& part, const std::string& day, std::string& out) {
  const std::vector<int> all{-1};
  for (const int hour : part.hours.empty() ? all : part.hours) {
    for (const int minute : part.minutes.empty() ? all : part.minutes) {
      out += "    <dict>" + day + (hour < 0 ? "" : integer("Hour", hour)) +
             (minute < 0 ? "" : integer("Minute", minute)) + "</dict>\n";
    }
  }
}

std::string times_of(const StartTimes& times) {
  if (!times.is_regular()) {
    return "  <key>StartInterval</key>\n  <integer>" + std::to_string(times.every_minutes * 60) +
           "</integer>\n";
  }
  std::string out = "  <key>StartCalendarInterval</key>\n  <array>\n";
  const std::string day = times.every_minutes == kWeekMinutes ? integer("Weekday", 1) : "";
  for (const DayTimes& part : day_times(times)) add_dictionaries(part, day, out);
  return out + "  </array>\n";
}

void LaunchdTasks::check(const Task& task) const {
  refuse_idle(task, "launchd");
  if (task.always) {
    throw Error(ErrorCode::kUsage, "schedule install", "",
                "an agent of launchd runs only while its user is logged on", "Leave --always out.");
  }
}

std::vector<TaskFile> LaunchdTasks::fill(const Task& task) const {
  std::string arguments = "    <string>" + xml_text(to_utf8(task.program)) + "</string>\n";
  for (const std::string& argument : run_arguments(task, task.times().is_regular()))
    arguments += "    <string>" + xml_text(argument) + "</string>\n";
  // Missed while the computer was off: made up for when the user logs on.
  const bool at_load = task.at_logon || !task.times().is_regular();
  return {{to_utf8(place(task.database)),
           fill_template(task_template::k_launchd_plist,
                         {{"NOTE", print_note(task)},
                          {"LABEL", label(task.database)},
                          {"ARGUMENTS", arguments},
                          {"TIMES", times_of(task.times())},
                          {"RUN_AT_LOAD", at_load ? "true" : "false"}})}};
}

TaskNotes LaunchdTasks::install(const Task& task) {
  check(task);
  const TaskFile file = fill(task)[0];
  put_file(host_.files, file);
  host_.run({"launchctl", "bootout", domain() + "/" + label(task.database)}, "");
  try {
    run_or_throw(host_, {"launchctl", "bootstrap", domain(), file.name});
  } catch (const Error&) {
    host_.files.remove(from_utf8(file.name));
    throw;
  }
  return {
      "The first run asks whether tidesync may use the folder on the network; allow it, or nothing "
      "is synced."};
}

std::optional<InstalledTask> LaunchdTasks::find(const Path& database) const {
  const Path file = place(database);
  const auto text = read_file(host_.files, file, kMaxTaskFileBytes);
  if (!text) return std::nullopt;
  auto task = find_note(*text);
  if (!task) {
    throw Error(ErrorCode::kDamaged, "read the schedule", to_utf8(file),
                "it no longer says what it is for",
                "Remove it by hand and install the schedule again.");
  }
  InstalledTask found;
  found.kind = TaskKind::kLaunchd;
  found.task = std::move(*task);
  found.places = {to_utf8(file)};
  found.active = runs_well(host_, {"launchctl", "print", domain() + "/" + label(database)});
  if (found.active) found.next_s = next_start_s(host_, found.task.times());
  return found;
}

void LaunchdTasks::remove(const InstalledTask& installed) {
  host_.run({"launchctl", "bootout", domain() + "/" + label(installed.task.database)}, "");
  host_.files.remove(place(installed.task.database));
}

}  // namespace

std::unique_ptr<OsTasks> launchd_tasks(const TaskHost& host) {
  return std::make_unique<LaunchdTasks>(host);
}

}  // namespace tidesync
