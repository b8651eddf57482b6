// Which backups stay, and the rule as text.
#include <algorithm>
#include <charconv>
#include <numeric>
#include <set>

#include "base/text.h"
#include "share/backups.h"

namespace tidesync {
namespace {

constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;
constexpr std::int64_t kMonthDays = 31;
constexpr int kMost = 10000;

std::optional<int> number_of(std::string_view text) {
  int number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end || number < 0 || number > kMost) return std::nullopt;
  return number;
}

// The bucket of which one copy stays; "" when it may go in any case.
std::string bucket_of(std::int64_t at_ms, std::int64_t now_ms, const KeepRule& rule) {
  const std::int64_t day = at_ms / kDayMs;
  const std::int64_t age_days = (now_ms - at_ms) / kDayMs;
  if (at_ms > now_ms || age_days < rule.days) return "t" + std::to_string(at_ms);
  constexpr std::int64_t kThursday = 3;  // 1970-01-01; weeks begin on Monday
  if (age_days < rule.days + 7LL * rule.weeks) return "w" + std::to_string((day + kThursday) / 7);
  if (age_days < rule.days + 7LL * rule.weeks + kMonthDays * rule.months)
    return "m" + iso_utc(at_ms).substr(0, 7);
  return {};
}

}  // namespace

std::vector<std::size_t> backups_to_remove(const std::vector<std::int64_t>& times_ms,
                                           std::int64_t now_ms, const KeepRule& rule) {
  std::vector<std::size_t> order(times_ms.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return times_ms[a] > times_ms[b]; });
  std::vector<std::size_t> remove;
  std::set<std::string> kept;
  for (std::size_t i = 0; i < order.size(); ++i) {
    bool stays = i == 0;
    if (rule.newest) {
      stays = stays || i < *rule.newest;
    } else {
      const std::string bucket = bucket_of(times_ms[order[i]], now_ms, rule);
      stays = (!bucket.empty() && kept.insert(bucket).second) || stays || bucket.starts_with('t');
    }
    if (!stays) remove.push_back(order[i]);
  }
  return remove;
}

std::optional<KeepRule> parse_keep_rule(std::string_view text) {
  KeepRule rule;
  if (const auto newest = number_of(text); newest && *newest > 0) {
    rule.newest = static_cast<std::size_t>(*newest);
    return rule;
  }
  if (text.ends_with(' ')) return std::nullopt;
  const std::pair<char, int*> parts[] = {
      {'d', &rule.days}, {'w', &rule.weeks}, {'m', &rule.months}};
  for (const auto& [unit, target] : parts) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    const std::string_view part = text.substr(0, blank);
    if (part.empty() || part.back() != unit) return std::nullopt;
    const auto number = number_of(part.substr(0, part.size() - 1));
    if (!number) return std::nullopt;
    *target = *number;
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return text.empty() ? std::optional(rule) : std::nullopt;
}

std::string to_string(const KeepRule& rule) {
  if (rule.newest) return std::to_string(*rule.newest);
  return std::to_string(rule.days) + "d " + std::to_string(rule.weeks) + "w " +
         std::to_string(rule.months) + "m";
}

}  // namespace tidesync
