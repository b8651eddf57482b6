// cron: lines between two marks in the user's crontab; everything else there is left alone.
//
// cron knows minutes of the day and makes up for nothing. So only regular intervals can be written,
// the run itself waits for its second, and one more line syncs when the computer was started.
#include "base/error.h"
#include "base/text.h"
#include "schedule/os_task_kinds.h"
#include "schedule/task_note.h"
#include "schedule/task_text.h"
#include "task_templates.h"

namespace tidesync {
namespace {

// Some cron programs cut a command off behind 999 bytes.
constexpr std::size_t kMaxCommandBytes = 990;
constexpr const char* kBegin = "# tidesync begin ";
constexpr const char* kEnd = "# tidesync end ";

class CronTasks : public OsTasks {
 public:
  explicit CronTasks(const TaskHost& host) : host_(host) {}

  bool available() const override;
  void check(const Task& task) const override;
  std::vector<TaskFile> fill(const Task& task) const override;
  TaskNotes install(const Task& task) override;
  std::optional<InstalledTask> find(const Path& database) const override;
  void remove(const InstalledTask& installed) override;

 private:
  std::string read() const;
  void write(const std::string& before, const std::string& after) const;
  const TaskHost& host_;
};

bool is_empty_answer(const ProgramResult& answer) {
  return to_lower_ascii(answer.output).find("no crontab for") != std::string::npos;
}

// From the first mark to the end of the second one's line; none: npos twice.
struct Span {
  std::size_t begin = std::string::npos;
  std::size_t end = std::string::npos;
};

std::size_t find_line(const std::string& text, const std::string& start, std::size_t from) {
  for (std::size_t at = text.find(start, from); at != std::string::npos;
       at = text.find(start, at + 1)) {
    if (at != 0 && text[at - 1] != '\n') continue;
    const std::size_t behind = at + start.size();
    if (behind == text.size() || text[behind] == ':' || text[behind] == '\n') return at;
  }
  return std::string::npos;
}

Span find_block(const std::string& crontab, const std::string& name) {
  const std::size_t begin = find_line(crontab, kBegin + name, 0);
  const std::size_t end = find_line(crontab, kEnd + name, begin == std::string::npos ? 0 : begin);
  if (begin == std::string::npos && end == std::string::npos) return {};
  if (begin == std::string::npos || end == std::string::npos) {
    throw Error(ErrorCode::kDamaged, "edit the crontab", "",
                std::string("the line \"") + (begin == std::string::npos ? kBegin : kEnd) + name +
                    "\" is missing, so it is not clear which lines are tidesync's",
                "Remove the other one and what belongs to it by crontab -e, then try again.");
  }
  const std::size_t line_end = crontab.find('\n', end);
  return {begin, line_end == std::string::npos ? crontab.size() : line_end + 1};
}

std::string command(const Task& task) {
  std::vector<std::string> words{crontab_word(to_utf8(task.program))};
  for (const std::string& argument : run_arguments(task, true)) {
    const bool plain =
        argument.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
    words.push_back(plain ? argument : crontab_word(argument));
  }
  return join(words, " ") + " >/dev/null 2>&1";
}

bool CronTasks::available() const {
  const ProgramResult answer = host_.run({"crontab", "-l"}, "");
  return answer.started && (answer.exit_code == 0 || is_empty_answer(answer));
}

void CronTasks::check(const Task& task) const {
  refuse_idle(task, "cron");
  if (!task.times().is_regular()) {
    const RegularNeighbours near = regular_neighbours(task.every_minutes);
    std::string works = near.below ? interval_text(*near.below) : "";
    if (near.above) works += " or " + interval_text(*near.above);
    throw Error(ErrorCode::kUsage, "schedule install", "",
                "cron cannot start something every " + interval_text(task.every_minutes),
                "The nearest that work are " + works + ".");
  }
  if (to_utf8(task.database).find('\n') != std::string::npos ||
      to_utf8(task.program).find('\n') != std::string::npos)
    throw Error(ErrorCode::kUsage, "schedule install", printable(to_utf8(task.database)),
                "a name with a line break cannot stand in a crontab");
  if (command(task).size() > kMaxCommandBytes)
    throw Error(ErrorCode::kUsage, "schedule install", printable(to_utf8(task.database)),
                "the path is too long for a crontab");
}

std::vector<TaskFile> CronTasks::fill(const Task& task) const {
  const StartTimes times = task.times();
  std::string lines;
  for (const DayTimes& part : day_times(times)) {
    lines += number_list(part.minutes, "*") + " " + number_list(part.hours, "*") + " * * " +
             (times.every_minutes == kWeekMinutes ? "1 " : "* ") + command(task) + "\n";
  }
  lines += "@reboot " + command(task) + "\n";
  return {
      {"crontab", fill_template(task_template::k_cron_crontab, {{"NAME", task_name(task.database)},
                                                                {"NOTE", print_note(task)},
                                                                {"LINES", lines}})}};
}

std::string CronTasks::read() const {
  const ProgramResult answer = host_.run({"crontab", "-l"}, "");
  if (!answer.started)
    throw Error(ErrorCode::kNotFound, "read the crontab", "", "this computer has no crontab");
  if (is_empty_answer(answer)) return {};
  // Once more without what it says beside the lines: they are going to be written back.
  if (answer.exit_code == 0)
    return run_or_throw(host_, {"sh", "-c", "crontab -l 2>/dev/null"}).output;
  throw Error(ErrorCode::kNoPermission, "read the crontab", "",
              "crontab -l fails and says: " + printable(answer.output));
}

void CronTasks::write(const std::string& before, const std::string& after) const {
  if (before == after) return;
  if (after.empty()) {
    run_or_throw(host_, {"crontab", "-r"});
  } else {
    run_or_throw(host_, {"crontab", "-"}, after);
  }
}

TaskNotes CronTasks::install(const Task& task) {
  check(task);
  const std::string before = read();
  write(before, edit_crontab(before, task_name(task.database), fill(task)[0].text));
  return {
      "cron does not make up for runs missed while the computer sleeps; it syncs when the computer "
      "is started and at the next time."};
}

std::optional<InstalledTask> CronTasks::find(const Path& database) const {
  const ProgramResult answer = host_.run({"crontab", "-l"}, "");
  if (!answer.started || answer.exit_code != 0) return std::nullopt;
  const Span span = find_block(answer.output, task_name(database));
  if (span.begin == std::string::npos) return std::nullopt;
  auto task = find_note(std::string_view(answer.output).substr(span.begin, span.end - span.begin));
  if (!task) {
    throw Error(ErrorCode::kDamaged, "read the schedule", "crontab",
                "its lines no longer say what they are for",
                "Remove them by crontab -e, then install the schedule again.");
  }
  InstalledTask found;
  found.kind = TaskKind::kCron;
  found.task = std::move(*task);
  found.places = {"crontab -l"};
  found.next_s = next_start_s(host_, found.task.times());
  return found;
}

void CronTasks::remove(const InstalledTask& installed) {
  const std::string before = read();
  write(before, edit_crontab(before, task_name(installed.task.database), ""));
}

}  // namespace

std::string edit_crontab(const std::string& crontab, const std::string& name,
                         const std::string& block) {
  const Span span = find_block(crontab, name);
  if (span.begin != std::string::npos)
    return crontab.substr(0, span.begin) + block + crontab.substr(span.end);
  const bool open_line = !crontab.empty() && crontab.back() != '\n';
  return block.empty() ? crontab : crontab + (open_line ? "\n" : "") + block;
}

std::unique_ptr<OsTasks> cron_tasks(const TaskHost& host) {
  return std::make_unique<CronTasks>(host);
}

}  // namespace tidesync
