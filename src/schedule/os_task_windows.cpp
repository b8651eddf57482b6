// Windows: a task described by XML, which schtasks registers. Compiled on every system.
//
// "Also while nobody is logged on" needs the account's password, because a task without it (S4U)
// may not use the network, where the share is. tidesync does not ask for passwords: it leaves the
// XML and names the command that registers it.
#include "base/error.h"
#include "base/text.h"
#include "schedule/os_task_kinds.h"
#include "schedule/task_note.h"
#include "schedule/task_text.h"
#include "sync/config.h"
#include "task_templates.h"

namespace tidesync {
namespace {

constexpr const char* kFirstDay = "2026-01-05";  // where seconds_to_next counts from

class WindowsTasks : public OsTasks {
 public:
  explicit WindowsTasks(const TaskHost& host) : host_(host) {}

  bool available() const override { return runs_well(host_, {"schtasks", "/Query", "/?"}); }
  void check(const Task& task) const override;
  std::vector<TaskFile> fill(const Task& task) const override;
  TaskNotes install(const Task& task) override;
  std::optional<InstalledTask> find(const Path& database) const override;
  void remove(const InstalledTask& installed) override;

 private:
  static std::string name(const Path& database) { return "\\tidesync\\" + task_name(database); }
  static Path file(const Path& database) { return LocalPaths(database).folder / "task.xml"; }
  std::string account(const Task& task) const {
    return task.account.empty() ? host_.account : task.account;
  }
  const TaskHost& host_;
};

std::string two_digits(std::int64_t number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

std::string start_boundary(const StartTimes& times) {
  const std::int64_t at = times.first_s();
  return std::string(kFirstDay) + "T" + two_digits(at / 3600) + ":" + two_digits(at / 60 % 60) +
         ":" + two_digits(at % 60);
}

// "PT15M", "PT2H", "P1D", "P2DT2H".
std::string duration(std::int64_t minutes) {
  const std::int64_t days = minutes / kDayMinutes;
  const std::int64_t hours = minutes % kDayMinutes / 60;
  std::string text = "P";
  if (days > 0) text += std::to_string(days) + "D";
  if (minutes % kDayMinutes == 0) return text;
  text += "T";
  if (hours > 0) text += std::to_string(hours) + "H";
  return minutes % 60 == 0 ? text : text + std::to_string(minutes % 60) + "M";
}

std::string user_element(const std::string& account, const char* indent) {
  return account.empty() ? ""
                         : std::string(indent) + "<UserId>" + xml_text(account) + "</UserId>\n";
}

std::string logon_trigger(const Task& task, const std::string& account) {
  if (!task.at_logon) return {};
  return "    <LogonTrigger>\n      <Enabled>true</Enabled>\n" + user_element(account, "      ") +
         "      <Delay>PT" + std::to_string(60 + task.times().offset_s % 60) +
         "S</Delay>\n    </LogonTrigger>\n";
}

// Task Scheduler replaces %NAME% and $(NAME), and there is no way to tell it not to.
void refuse_variables(const Path& path) {
  const std::string text = to_utf8(path);
  const std::size_t first = text.find('%');
  const bool percent = first != std::string::npos && text.find('%', first + 1) != std::string::npos;
  if (!percent && text.find("$(") == std::string::npos) return;
  throw Error(ErrorCode::kUsage, "schedule install", printable(text),
              "Windows would replace a part of this path by something else, because of the " +
                  std::string(percent ? "% signs" : "\"$(\"") + " in it",
              "Rename the folder or the file, or keep tidesync run running.");
}

void WindowsTasks::check(const Task& task) const {
  refuse_variables(task.database);
  refuse_variables(task.program);
}

std::vector<TaskFile> WindowsTasks::fill(const Task& task) const {
  std::vector<std::string> words;
  for (const std::string& word : run_arguments(task, false)) words.push_back(windows_word(word));
  const std::string user = account(task);
  const std::map<std::string, std::string> values{
      {"NOTE", print_note(task)},
      {"DATABASE_NAME", xml_text(database_name(task))},
      {"EVERY", interval_text(task.every_minutes)},
      {"START", start_boundary(task.times())},
      {"INTERVAL", duration(task.every_minutes)},
      {"LOGON_TRIGGER", logon_trigger(task, user)},
      {"USER", user_element(user, "      ")},
      {"LOGON_TYPE", task.always ? "Password" : "InteractiveToken"},
      {"ONLY_IF_IDLE", task.on_idle ? "true" : "false"},
      {"PROGRAM", xml_text(to_utf8(task.program))},
      {"ARGUMENTS", xml_text(join(words, " "))}};
  return {{to_utf8(file(task.database)), fill_template(task_template::k_windows_xml, values)}};
}

TaskNotes WindowsTasks::install(const Task& task) {
  check(task);
  TaskFile xml = fill(task)[0];
  xml.text = utf16_file(xml.text);
  put_file(host_.files, xml);
  const std::vector<std::string> create{"schtasks", "/Create", "/TN", name(task.database),
                                        "/XML",     xml.name,  "/F"};
  if (task.always) {
    return {"One step is left, which asks for the password of " + account(task) +
            ": schtasks /Create /TN " + windows_word(name(task.database)) + " /XML " +
            windows_word(xml.name) + " /F /RU " + windows_word(account(task)) + " /RP *"};
  }
  run_or_throw(host_, create);
  host_.files.remove(from_utf8(xml.name));
  return {"It runs while you are logged on. With --always it runs whenever the computer is on."};
}

std::optional<InstalledTask> WindowsTasks::find(const Path& database) const {
  const ProgramResult answer = host_.run({"schtasks", "/Query", "/TN", name(database), "/XML"}, "");
  if (!answer.started || answer.exit_code != 0) return std::nullopt;
  auto task = find_note(answer.output);
  if (!task) {
    throw Error(ErrorCode::kDamaged, "read the schedule", name(database),
                "the task no longer says what it is for",
                "Remove it in Task Scheduler, then install the schedule again.");
  }
  InstalledTask found;
  found.kind = TaskKind::kWindows;
  found.task = std::move(*task);
  found.places = {"schtasks /Query /TN " + name(database)};
  found.active = answer.output.find("<Enabled>false</Enabled>") == std::string::npos;
  // Counted from the task's own first day, whether it is regular or not.
  if (found.active) found.next_s = host_.now_s + seconds_to_next(found.task.times(), host_.now);
  return found;
}

void WindowsTasks::remove(const InstalledTask& installed) {
  run_or_throw(host_, {"schtasks", "/Delete", "/TN", name(installed.task.database), "/F"});
  host_.files.remove(file(installed.task.database));
}

}  // namespace

std::unique_ptr<OsTasks> windows_tasks(const TaskHost& host) {
  return std::make_unique<WindowsTasks>(host);
}

}  // namespace tidesync
