#include "sync/node_config.h"

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "replica/local.h"

namespace tidesync {
namespace {

constexpr int kPatienceMs = 1000;

// The share's folder, where the database says that it is synced; nullopt when it is not.
std::optional<std::string> share_in(const Environment& env, const Path& database) {
  try {
    if (!env.local.stat(database)) return std::nullopt;
    Local local(database, kPatienceMs);
    if (!local.is_attached()) return std::nullopt;
    return local.get_meta("share_path");
  } catch (const Error&) {
    return std::nullopt;  // then the missing configuration is what there is to say
  }
}

}  // namespace

std::string join_command(const Path& database, const std::string& share) {
  const auto word = [](const std::string& text) {
    return text.find(' ') == std::string::npos ? text : '"' + text + '"';
  };
  return "tidesync join --db " + word(to_utf8(database)) + " --share " +
         (share.empty() ? "FOLDER" : word(share));
}

void open_log(const LocalPaths& paths, const Config& config) {
  constexpr std::int64_t kDayMinutes = 24 * 60;
  log::FileSettings settings;
  settings.folder = paths.logs;
  settings.level = log::level_of(config.log.level);
  settings.json = config.log.format == "json";
  settings.keep_days = static_cast<int>(config.log.keep_minutes / kDayMinutes);
  settings.database = to_utf8(paths.database);
  log::to_files(settings);
}

Config read_node_config(const Environment& env, const LocalPaths& paths) {
  try {
    Config config = read_config(env.local, paths.config);
    if (env.meter) env.meter->set_limit(config.limit_bytes_per_s);
    return config;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
    const auto share = share_in(env, paths.database);
    if (!share) throw;
    throw Error(ErrorCode::kNotFound, "read configuration", to_utf8(paths.config),
                "this database is synced, but the folder beside it is lost; nothing was changed",
                "Run: " + join_command(paths.database, *share));
  }
}

}  // namespace tidesync
