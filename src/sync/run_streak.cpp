#include "sync/run_streak.h"

#include <nlohmann/json.hpp>

namespace tidesync {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kKey = "failing";

}  // namespace

std::optional<RunStreak> read_streak(Local& local) {
  const Json json = Json::parse(local.get_meta(kKey), nullptr, false);
  if (!json.is_object()) return std::nullopt;
  try {
    RunStreak streak;
    streak.cause = json.at("cause").get<std::string>();
    streak.run_id = json.at("run").get<std::string>();
    streak.since_ms = json.at("since_ms").get<std::int64_t>();
    streak.runs = json.at("runs").get<std::uint64_t>();
    streak.told = json.at("told").get<bool>();
    return streak;
  } catch (const Json::exception&) {
    return std::nullopt;  // somebody else wrote there: a streak begins anew
  }
}

void write_streak(Local& local, const std::optional<RunStreak>& streak) {
  if (!streak) {
    if (!local.get_meta(kKey).empty()) local.set_meta(kKey, "");
    return;
  }
  const Json json = {{"cause", streak->cause},
                     {"run", streak->run_id},
                     {"since_ms", streak->since_ms},
                     {"runs", streak->runs},
                     {"told", streak->told}};
  local.set_meta(kKey, json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace tidesync
