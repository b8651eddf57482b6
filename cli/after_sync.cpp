#include "cli/after_sync.h"

#include <nlohmann/json.hpp>

#include "base/child_process.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/json.h"
#include "sync/node_config.h"

namespace tidesync {
namespace {

constexpr std::size_t kLoggedBytes = 500;

const std::string& command_of(const Hooks& hooks, const std::string& event) {
  if (event == "error") return hooks.on_error;
  return event == "conflict" ? hooks.on_conflict : hooks.on_success;
}

Json input_of(const Path& database, const SyncResult& result, const std::string& event) {
  Json json = {{"event", event}, {"database", to_utf8(database)}, {"node", result.node}};
  json.update(to_json(result));
  return json;
}

void call(const std::string& command, const std::string& event, const Json& input,
          std::int64_t limit_ms) {
  const std::string name = "the command on_" + event;
  try {
    ChildCommand child{shell_words(command),
                       input.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"};
    child.own_group = true;  // so that what it starts ends with it
    const ChildResult ended = run_child(child, limit_ms);
    const std::string said =
        ended.output.empty() ? "" : ": " + shorten_utf8(printable(ended.output), kLoggedBytes);
    if (!ended.exit_code) {
      log::warning(name + " took longer than " + display_duration(limit_ms) + " and was stopped" +
                   said);
    } else if (*ended.exit_code != 0) {
      log::warning(name + " ended with exit code " + std::to_string(*ended.exit_code) + said);
    } else {
      log::debug(name + " was called" + said);
    }
  } catch (const Error& error) {
    log::warning(name + " could not be started: " + error.what());
  }
}

}  // namespace

std::vector<std::string> events_of(const SyncResult& result) {
  std::vector<std::string> events;
  if (result.dry_run) return events;
  if (result.tell_error) events.push_back("error");
  if (result.conflicts + result.heard_of_count > 0) events.push_back("conflict");
  const bool moved = result.pulled + result.pushed > 0;
  if (result.status == RunStatus::kSuccess && moved) events.push_back("success");
  return events;
}

void tell_people(Session& session, const Path& database, const SyncResult& result) {
  const auto events = events_of(result);
  if (events.empty()) return;
  try {
    const Hooks hooks = read_node_config(session.env, LocalPaths(database)).hooks;
    for (const std::string& event : events) {
      const std::string& command = command_of(hooks, event);
      if (!command.empty()) call(command, event, input_of(database, result, event), hooks.limit_ms);
    }
  } catch (const Error& error) {
    log::warning(std::string("nobody was told of the sync: ") + error.what());
  }
}

}  // namespace tidesync
