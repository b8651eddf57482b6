#include "cli/run_listener.h"

#include <nlohmann/json.hpp>

#include "base/child_process.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/times.h"

namespace tidesync {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kMinuteMs = 60'000;

std::string reason(Due why) {
  switch (why) {
    case Due::kStart:
      return "start";
    case Due::kRetry:
      return "another try";
    case Due::kShareIsBack:
      return "the share is back";
    case Due::kEdit:
      return "an edit here";
    case Due::kBatch:
      return "a batch on the share";
    case Due::kReload:
      return "new configuration";
    case Due::kStop:
      return "the last one";
    case Due::kInterval:
    case Due::kNotYet:
      break;
  }
  return "the interval";
}

std::string text_in(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint64_t number_in(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

// What went wrong, for people; "" when nothing did.
std::string trouble_of(const Json& json, int exit_code) {
  const auto error = json.find("error");
  if (error != json.end() && error->is_object()) {
    const std::string hint = text_in(*error, "hint");
    return text_in(*error, "message") + (hint.empty() ? "" : ". " + hint);
  }
  if (exit_code == 0 || exit_code == 3) return {};
  return "the sync ended with exit code " + std::to_string(exit_code);
}

}  // namespace

RunListener::RunListener(Session& session, const LocalPaths& paths, const DaemonSettings& settings)
    : session_(session), paths_(paths) {
  note_.process = own_process_id();
  use(settings);
  const std::string every = print_interval(settings.interval_ms / kMinuteMs);
  if (settings.watch) {
    say("Watching " + to_utf8(paths_.database) + " and the share, and syncing every " + every +
        " in any case. Ctrl-C ends it after a last sync.");
  } else {
    say("Syncing " + to_utf8(paths_.database) + " every " + every +
        ". Ctrl-C ends it after a last sync.");
  }
}

RunListener::~RunListener() {
  remove_scheduler_note(session_.env.local, paths_);
}

void RunListener::use(const DaemonSettings& settings) {
  note_.interval_minutes = settings.interval_ms / kMinuteMs;
  note_.watch = settings.watch;
  note_.next_ms = session_.env.clock.now_ms();
  write_note();
}

void RunListener::write_note() {
  write_scheduler_note(session_.env.local, paths_, note_);
}

void RunListener::began(Due why) {
  log::debug("sync begins: " + reason(why));
}

void RunListener::ended(const SyncEnded& sync, std::int64_t next_ms) {
  note_.next_ms = session_.env.clock.now_ms() + next_ms;
  write_note();
  if (session_.json) {
    if (!sync.json.empty()) session_.printer.raw(sync.json + "\n");
    session_.printer.out().flush();
  } else {
    say_sync(sync, next_ms);
  }
}

void RunListener::say_sync(const SyncEnded& sync, std::int64_t next_ms) {
  const Json json = Json::parse(sync.json, nullptr, false);
  const Json object = json.is_object() ? json : Json::object();
  const std::string trouble = trouble_of(object, sync.exit_code);
  if (!trouble.empty()) {
    // A fresh number in a message would make each look new; what went wrong is said once.
    if (trouble != trouble_)
      say(trouble + " Next try in " + display_duration(next_ms) + ".", Style::kWarning);
    trouble_ = trouble;
    return;
  }
  const std::uint64_t pulled = number_in(object, "pulled");
  const std::uint64_t pushed = number_in(object, "pushed");
  const std::uint64_t conflicts = number_in(object, "conflicts");
  std::string text = count_of(pulled, "row", "rows") + " in, " + with_thousands(pushed) + " out";
  if (conflicts > 0) text += ", " + count_of(conflicts, "conflict", "conflicts") + " kept";
  text +=
      " (" + display_duration(static_cast<std::int64_t>(number_in(object, "duration_ms"))) + ")";
  if (!trouble_.empty()) text = "Syncing again: " + text;
  const bool moved = pulled + pushed + conflicts > 0;
  if (moved || !trouble_.empty()) say(text, conflicts > 0 ? Style::kWarning : Style::kPlain);
  trouble_.clear();
}

void RunListener::share_is_silent(std::int64_t since_ms) {
  note_.silent_since_ms = session_.env.clock.now_ms() - since_ms;
  write_note();
  say("The share has not answered for " + display_duration(since_ms) +
          ". The application works on; syncing goes on when the share answers.",
      Style::kWarning);
}

void RunListener::share_answers() {
  note_.silent_since_ms = 0;
  write_note();
  say("The share answers again.");
}

void RunListener::gave_up_sync() {
  say("A sync that waited for the share did not go on, and was given up. Nothing is lost; the next "
      "one does its work.",
      Style::kWarning);
}

void RunListener::problem(const std::string& text) {
  say(text, Style::kWarning);
}

void RunListener::say(const std::string& text, Style style) {
  if (style == Style::kWarning) {
    log::warning(text);
  } else {
    log::info(text);
  }
  if (session_.json) return;
  session_.printer.line(local_time(session_.env.clock.now_ms()) + "  " + text, style);
  session_.printer.out().flush();
}

}  // namespace tidesync
