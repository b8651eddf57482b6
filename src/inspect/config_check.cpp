#include "inspect/config_check.h"

#include <algorithm>

#include "base/error.h"
#include "replica/base.h"
#include "replica/local.h"
#include "share/layout.h"

namespace tidesync {
namespace {

constexpr int kPatienceMs = 1000;

void check_share(Environment& env, const Config& config, std::vector<std::string>& warnings) {
  if (config.share.empty()) return;  // then that is the problem
  const std::string share = to_utf8(config.share);
  try {
    if (!env.share.stat(config.share)) {
      warnings.push_back("the share's folder " + share + " is not there now");
    } else if (!env.share.stat(config.share / layout::kFormatFile)) {
      warnings.push_back("there is no dataset in " + share);
    }
  } catch (const Error& error) {
    warnings.push_back(std::string("the share cannot be reached now: ") + error.what());
  }
}

void check_metrics(Environment& env, const Config& config, std::vector<std::string>& warnings) {
  if (config.metrics.empty()) return;
  const Path folder = config.metrics.parent_path();
  if (!config.metrics.is_absolute()) {
    warnings.push_back("metrics is no absolute path: where it lies depends on who runs tidesync");
  } else if (!env.local.stat(folder)) {
    warnings.push_back("the folder " + to_utf8(folder) + " of metrics does not exist");
  }
}

void check_node(const Path& database, const Config& config, std::vector<std::string>& warnings) {
  Local local(database, kPatienceMs);
  if (!local.is_attached()) {
    warnings.push_back("the database beside it is not synced");
    return;
  }
  const std::string node = local.get_meta("node");
  if (!config.node.value.empty() && node != config.node.value)
    warnings.push_back("the database says that it is node " + node + ", not " + config.node.value);
}

// Against the tables as they were when this computer synced last.
void check_tables(Environment& env, const LocalPaths& paths, const Config& config,
                  ConfigReport& report) {
  if (!env.local.stat(paths.base)) return;
  Base base(paths.base);
  if (base.shapes().empty()) return;
  for (ConfigProblem& problem : find_policy_problems(config, base.shapes()))
    report.problems.push_back(std::move(problem));
}

}  // namespace

ConfigReport check_config(Environment& env, const Path& database) {
  const LocalPaths paths(database);
  ConfigReport report;
  report.file = paths.config;
  Config config;
  report.problems = find_config_problems(env.local, paths.config, config);
  check_share(env, config, report.warnings);
  check_metrics(env, config, report.warnings);
  try {
    check_node(paths.database, config, report.warnings);
    check_tables(env, paths, config, report);
  } catch (const Error& error) {
    report.warnings.push_back(std::string("the tables could not be looked at: ") + error.what());
  }
  std::stable_sort(report.problems.begin(), report.problems.end(),
                   [](const auto& a, const auto& b) { return a.line < b.line; });
  return report;
}

}  // namespace tidesync
