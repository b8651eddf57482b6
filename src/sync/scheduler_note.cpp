#include "sync/scheduler_note.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/log.h"

namespace tidesync {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFile = "scheduler.json";
constexpr std::uint64_t kMaxBytes = 4u << 10;

std::int64_t number_in(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

}  // namespace

std::optional<SchedulerNote> read_scheduler_note(FileSystem& fs, const LocalPaths& paths) {
  std::optional<std::string> text;
  try {
    text = read_file(fs, paths.folder / kFile, kMaxBytes);
  } catch (const Error&) {
    return std::nullopt;
  }
  const Json json = Json::parse(text.value_or(""), nullptr, false);
  if (!json.is_object()) return std::nullopt;
  SchedulerNote note;
  note.process = number_in(json, "process");
  note.interval_minutes = number_in(json, "interval_minutes");
  note.watch = json.find("watch") != json.end() && json["watch"] == true;
  note.next_ms = number_in(json, "next_ms");
  note.silent_since_ms = number_in(json, "silent_since_ms");
  return note;
}

void write_scheduler_note(FileSystem& fs, const LocalPaths& paths, const SchedulerNote& note) {
  Json json;
  json["process"] = note.process;
  json["interval_minutes"] = note.interval_minutes;
  json["watch"] = note.watch;
  json["next_ms"] = note.next_ms;
  json["silent_since_ms"] = note.silent_since_ms;
  try {
    replace_file(fs, paths.folder / "scheduler.json.new", paths.folder / kFile, json.dump() + "\n",
                 false);
  } catch (const Error& error) {
    log::warning(std::string("scheduler.json was not written: ") + error.what());
  }
}

void remove_scheduler_note(FileSystem& fs, const LocalPaths& paths) {
  try {
    fs.remove(paths.folder / kFile);
  } catch (const Error&) {
    // It says a time that passes.
  }
}

}  // namespace tidesync
