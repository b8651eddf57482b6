#include "sync/setup_parts.h"

#include <boost/filesystem/operations.hpp>

#include "base/text.h"
#include "share/notes.h"
#include "share/share_check.h"

namespace tidesync::setup {

std::string default_user(const std::string& given, const Environment& env) {
  return given.empty() ? env.user : given;
}

NodeId choose_node(const std::string& given, const std::string& user, const Environment& env,
                   Dataset* dataset) {
  if (!given.empty()) {
    if (!is_node_id(given)) {
      throw Error(ErrorCode::kUsage, "use node name", given,
                  "only a-z, 0-9, - and _ are allowed, 40 at most",
                  "For instance: --node " + make_node_id(given).value);
    }
    if (dataset && read_node_note(*dataset, NodeId{given})) {
      throw Error(ErrorCode::kAlreadyExists, "use node name", given,
                  "another computer has this name", "Choose another one with --node.");
    }
    return NodeId{given};
  }
  const NodeId wanted = make_node_id(user + "-" + env.host);
  NodeId name = wanted;
  for (int n = 2; dataset && read_node_note(*dataset, name); ++n) {
    name = make_node_id(wanted.value.substr(0, 36) + "-" + std::to_string(n));
  }
  return name;
}

namespace {

// Throws for what is refused; the rest as sentences.
std::vector<std::string> warnings_of(const std::vector<ShareFinding>& findings,
                                     const char* operation, const Path& subject) {
  std::vector<std::string> warnings;
  for (const ShareFinding& finding : findings) {
    if (finding.verdict == ShareVerdict::kRefuse)
      throw Error(ErrorCode::kUsage, operation, to_utf8(subject),
                  finding.what + "; nothing was changed", finding.what_to_do);
    if (finding.verdict == ShareVerdict::kWarning)
      warnings.push_back(finding.what + ". " + finding.what_to_do);
  }
  return warnings;
}

std::vector<std::string> check_share_kind(Environment& env, const Path& share) {
  if (!env.mount_of) return {};
  const MountFacts mount = env.mount_of(share);
  auto findings = check_mount(mount);
  const auto add = [&](std::vector<ShareFinding> more) {
    findings.insert(findings.end(), more.begin(), more.end());
  };
  add(check_cloud(share, folder_names(env.share), cloud_variables()));
  add(check_drive_letter(to_utf8(share), mount));
  add({check_free_space(mount, 0)});
  return warnings_of(findings, "open share", share);
}

}  // namespace

std::vector<std::string> check_database_place(Environment& env, const Path& database) {
  if (!env.mount_of) return {};
  return warnings_of({check_database_mount(env.mount_of(database))}, "use database", database);
}

std::vector<std::string> check_share_folder(Environment& env, const Path& share) {
  std::optional<FileInfo> info;
  try {
    info = env.share.stat(share);
  } catch (const Error& error) {
    throw Error(ErrorCode::kShareUnreachable, "open share", to_utf8(share), error.detail(),
                "Check that the NAS is on and its folder is mounted.");
  }
  if (!info) {
    throw Error(ErrorCode::kNotFound, "open share", to_utf8(share), "there is no such folder",
                "Check the path, and that the NAS is mounted there. The folder must exist; it is "
                "not made here.");
  }
  if (!info->is_directory) {
    throw Error(ErrorCode::kUsage, "open share", to_utf8(share), "it is a file, not a folder",
                "Give the shared folder with --share.");
  }
  return check_share_kind(env, share);
}

void require_outside_of_share(const Path& database, const Path& share) {
  boost::system::error_code ec;
  const Path folder = boost::filesystem::weakly_canonical(share, ec);
  if (ec) return;
  const Path file = boost::filesystem::weakly_canonical(database, ec);
  if (ec) return;
  for (Path above = file.parent_path(); !above.empty(); above = above.parent_path()) {
    if (above != folder) continue;
    throw Error(
        ErrorCode::kUsage, "set up", to_utf8(database),
        "the database lies in the share's folder " + to_utf8(share) +
            ": SQLite's locks do not hold on a network share, and two people who open it there "
            "damage it",
        "Nothing was changed. Move the file to a disk of this computer.");
  }
}

void require_free_names(Database& db, const std::string& operation) {
  Statement find = db.prepare(
      "SELECT type, name FROM sqlite_schema WHERE lower(name) IN ('sync_log', 'sync_conflicts',"
      " 'sync_log_by_time') OR lower(name) GLOB 'tidesync_*' LIMIT 1");
  if (!find.step()) return;
  throw Error(
      ErrorCode::kAlreadyExists, operation, to_utf8(db.file()),
      "the application has a " + find.get_text(0) + " named " + find.get_text(1) +
          ", and tidesync needs this name",
      "Nothing was changed. If an earlier tidesync left it there, run: tidesync leave. Else "
      "this database cannot be synced unless the application uses another name.");
}

void make_local_folders(Environment& env, const LocalPaths& paths) {
  for (const Path& folder : {paths.folder, paths.spool, paths.staging, paths.backups}) {
    create_directories(env.local, folder);
  }
}

void attach(Local& local, const Uuid& share_id, const Config& config, Random& random,
            const Cursor& cursor) {
  local.create_tables();
  local.set_meta("format", "1");
  local.set_meta("share_id", share_id);
  local.set_meta("node", config.node.value);
  local.set_meta("user", config.user);
  local.set_meta("share_path", to_utf8(config.share));
  local.set_meta("incarnation", make_uuid(random));
  local.set_cursor(cursor);
}

std::vector<TableReport> report_tables(Database& db, const std::vector<TableChoice>& catalog,
                                       const std::vector<TableChoice>& chosen,
                                       const std::string& reason_left_out) {
  std::vector<TableReport> reports;
  for (const TableChoice& choice : catalog) {
    TableReport report;
    report.name = choice.name;
    report.reason = choice.can_sync ? reason_left_out : "left out: " + choice.reason;
    for (const TableChoice& taken : chosen) {
      if (taken.name != choice.name) continue;
      report.synced = true;
      report.reason = choice.reason;
      report.rows =
          static_cast<std::uint64_t>(db.get_int("SELECT count(*) FROM " + quote_name(choice.name)));
    }
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace tidesync::setup
