#include "sync/run_streak.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace tidesync {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kKey = "failing";
constexpr const char* kRunsSince = " runs since ";
constexpr std::size_t kMaxDigits = 9;

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

std::string print_streak_message(const std::string& text, std::uint64_t runs,
                                 std::int64_t since_ms) {
  return text + " (" + with_thousands(runs) + kRunsSince + iso_utc(since_ms) + ")";
}

StreakMessage parse_streak_message(const std::string& message) {
  StreakMessage parsed{message, 1, ""};
  const std::size_t mark = message.rfind(kRunsSince);
  const std::size_t open = mark == std::string::npos ? mark : message.rfind(" (", mark);
  if (open == std::string::npos || message.back() != ')') return parsed;
  std::string number = message.substr(open + 2, mark - open - 2);
  std::erase(number, ',');
  const std::size_t since = mark + std::strlen(kRunsSince);
  const std::string at = message.substr(since, message.size() - since - 1);
  std::int64_t ignored = 0;
  if (number.empty() || number.size() > kMaxDigits ||
      number.find_first_not_of("0123456789") != std::string::npos || !parse_iso_utc(at, ignored))
    return parsed;
  return {message.substr(0, open), std::stoull(number), at};
}

RunTail read_run_tail(Database& db, const std::string& node) {
  RunTail tail;
  Statement last = db.prepare(
      "SELECT timestamp FROM sync_log WHERE node = ?1 AND status IN ('success', 'partial')"
      " ORDER BY timestamp DESC LIMIT 1");
  std::string since;
  if (last.bind_text(1, node).step()) since = last.get_text(0);
  if (std::int64_t at_ms = 0; parse_iso_utc(since, at_ms)) tail.last_success_ms = at_ms;
  Statement failed = db.prepare(
      "SELECT error_message FROM sync_log WHERE node = ?1 AND status = 'error' AND timestamp > ?2");
  failed.bind_text(1, node).bind_text(2, since);
  while (failed.step()) tail.failed_runs += parse_streak_message(failed.get_text(0)).runs;
  return tail;
}

}  // namespace tidesync
