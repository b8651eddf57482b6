// systemd: a oneshot service and a timer, of the user or of the whole system.
//
// A regular interval becomes times of the day, which systemd remembers over restarts (Persistent):
// a missed run is made up for once. Another interval is counted from the last run; the run after
// the start of the system makes up for missed ones.
#include "base/error.h"
#include "base/text.h"
#include "schedule/os_task_kinds.h"
#include "schedule/task_note.h"
#include "schedule/task_text.h"
#include "task_templates.h"

namespace tidesync {
namespace {

constexpr std::int64_t kAfterStart_s = 60;

class SystemdTasks : public OsTasks {
 public:
  SystemdTasks(const TaskHost& host, bool for_system) : host_(host), for_system_(for_system) {}

  bool available() const override { return runs_well(host_, systemctl({"show-environment"})); }
  void check(const Task& task) const override;
  std::vector<TaskFile> fill(const Task& task) const override;
  TaskNotes install(const Task& task) override;
  std::optional<InstalledTask> find(const Path& database) const override;
  void remove(const InstalledTask& installed) override;

 private:
  std::vector<std::string> systemctl(const std::vector<std::string>& words) const {
    std::vector<std::string> all{"systemctl", for_system_ ? "--system" : "--user"};
    all.insert(all.end(), words.begin(), words.end());
    return all;
  }
  static std::string unit(const Path& database) { return "tidesync-" + task_name(database); }
  Path folder() const {
    return for_system_ ? host_.system_units : host_.config_home / "systemd" / "user";
  }
  std::string place(const Path& database, const char* ending) const {
    return to_utf8(folder() / (unit(database) + ending));
  }
  std::string times(const Task& task) const;
  TaskNotes notes(const Task& task) const;
  void ask_for_next(InstalledTask& found) const;
  void remove_files(const Path& database) const;

  const TaskHost& host_;
  bool for_system_;
};

std::string calendar_lines(const StartTimes& times) {
  std::string lines;
  const std::string day = times.every_minutes == kWeekMinutes ? "Mon *-*-* " : "*-*-* ";
  for (const DayTimes& part : day_times(times)) {
    lines += "OnCalendar=" + day + number_list(part.hours, "*", 2) + ":" +
             number_list(part.minutes, "*", 2) + ":" + number_list({times.second()}, "", 2) + "\n";
  }
  return lines + "Persistent=true\n";
}

std::string seconds(std::int64_t number) {
  return std::to_string(number) + "s";
}

std::string counted_lines(const StartTimes& times) {
  const std::int64_t shift_s = std::max<std::int64_t>(times.offset_s, 1);
  return "OnActiveSec=" + seconds(shift_s) + "\nOnBootSec=" + seconds(kAfterStart_s + shift_s) +
         "\nOnUnitActiveSec=" + seconds(times.every_minutes * 60) + "\n";
}

std::string SystemdTasks::times(const Task& task) const {
  const StartTimes times = task.times();
  std::string lines = times.is_regular() ? calendar_lines(times) : counted_lines(times);
  // The manager of a user starts when he logs on. Several computers are switched on together.
  const std::int64_t wait_s = kAfterStart_s + times.offset_s % kAfterStart_s;
  if (task.at_logon && (times.is_regular() || !for_system_))
    lines += (for_system_ ? "OnBootSec=" : "OnStartupSec=") + seconds(wait_s) + "\n";
  return lines;
}

void SystemdTasks::check(const Task& task) const {
  refuse_idle(task, "systemd");
  if (!for_system_ && !task.account.empty() && task.account != host_.account)
    throw Error(ErrorCode::kUsage, "schedule install", "",
                "units of a user run as that user only, not as " + printable(task.account),
                "Run it as that user, or use --system as root.");
  if (for_system_ && task.account.empty())
    throw Error(ErrorCode::kUsage, "schedule install", "",
                "a unit of the whole system needs to know who works with the database",
                "Add --account NAME: the user whose application writes the database.");
}

std::vector<TaskFile> SystemdTasks::fill(const Task& task) const {
  std::vector<std::string> words{systemd_word(to_utf8(task.program), true)};
  for (const std::string& argument : run_arguments(task, false))
    words.push_back(systemd_word(argument));
  const std::map<std::string, std::string> values{
      {"NOTE", print_note(task)},
      {"DATABASE_NAME", systemd_text(database_name(task))},
      {"EVERY", interval_text(task.every_minutes)},
      {"COMMAND", join(words, " ")},
      {"UNIT_LINES", for_system_ ? "Wants=network-online.target\n"
                                   "After=network-online.target remote-fs.target\n"
                                 : ""},
      {"SERVICE_LINES", for_system_ ? "User=" + systemd_text(task.account) + "\n" : ""},
      {"TIMES", times(task)}};
  return {
      {place(task.database, ".service"), fill_template(task_template::k_systemd_service, values)},
      {place(task.database, ".timer"), fill_template(task_template::k_systemd_timer, values)}};
}

TaskNotes SystemdTasks::install(const Task& task) {
  check(task);
  for (const TaskFile& file : fill(task)) put_file(host_.files, file);
  const std::string timer = unit(task.database) + ".timer";
  try {
    run_or_throw(host_, systemctl({"daemon-reload"}));
    run_or_throw(host_, systemctl({"enable", timer}));
    run_or_throw(host_, systemctl({"restart", timer}));
  } catch (const Error&) {
    host_.run(systemctl({"disable", "--now", timer}), "");
    remove_files(task.database);
    host_.run(systemctl({"daemon-reload"}), "");
    throw;
  }
  return notes(task);
}

TaskNotes SystemdTasks::notes(const Task& task) const {
  if (for_system_) return {};
  if (!task.always)
    return {"It runs while you are logged on. With --always it runs whenever the computer is on."};
  if (runs_well(host_, {"loginctl", "enable-linger"})) return {};
  return {
      "The system did not allow that it runs while you are logged off; an administrator can: "
      "loginctl enable-linger " +
      host_.account};
}

// "ActiveState=active", "NextElapseUSecRealtime=@1795262427".
std::string property(const std::string& output, const std::string& name) {
  const std::size_t at = ("\n" + output).find("\n" + name + "=");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 1;
  return output.substr(begin, output.find('\n', begin) - begin);
}

void SystemdTasks::ask_for_next(InstalledTask& found) const {
  const ProgramResult asked = host_.run(
      systemctl({"show", unit(found.task.database) + ".timer", "--property=ActiveState"}), "");
  found.active = asked.started && property(asked.output, "ActiveState") == "active";
  if (found.active) found.next_s = next_start_s(host_, found.task.times());
}

std::optional<InstalledTask> SystemdTasks::find(const Path& database) const {
  const std::string service = place(database, ".service");
  const auto text = read_file(host_.files, from_utf8(service), kMaxTaskFileBytes);
  if (!text) return std::nullopt;
  auto task = find_note(*text);
  if (!task) {
    throw Error(ErrorCode::kDamaged, "read the schedule", service,
                "its second line does not say what it is for",
                "Remove it by hand, with the .timer beside it, and install the schedule again.");
  }
  InstalledTask found;
  found.kind = for_system_ ? TaskKind::kSystemdSystem : TaskKind::kSystemd;
  found.task = std::move(*task);
  found.places = {service, place(database, ".timer")};
  ask_for_next(found);
  return found;
}

void SystemdTasks::remove_files(const Path& database) const {
  for (const char* ending : {".timer", ".service"})
    host_.files.remove(from_utf8(place(database, ending)));
}

void SystemdTasks::remove(const InstalledTask& installed) {
  const std::string timer = unit(installed.task.database) + ".timer";
  // Without a manager (it is not running, the units were copied here) the files are all there is.
  const bool managed = available();
  if (managed) run_or_throw(host_, systemctl({"disable", "--now", timer}));
  remove_files(installed.task.database);
  if (managed) run_or_throw(host_, systemctl({"daemon-reload"}));
}

}  // namespace

std::unique_ptr<OsTasks> systemd_tasks(const TaskHost& host, bool for_system) {
  return std::make_unique<SystemdTasks>(host, for_system);
}

}  // namespace tidesync
