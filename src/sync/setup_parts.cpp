#include "sync/setup_parts.h"

#include "base/text.h"
#include "share/layout.h"

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
    if (dataset && dataset->read_note(layout::node_note(NodeId{given}))) {
      throw Error(ErrorCode::kAlreadyExists, "use node name", given,
                  "another computer has this name", "Choose another one with --node.");
    }
    return NodeId{given};
  }
  const NodeId wanted = make_node_id(user + "-" + env.host);
  NodeId name = wanted;
  for (int n = 2; dataset && dataset->read_note(layout::node_note(name)); ++n) {
    name = make_node_id(wanted.value.substr(0, 36) + "-" + std::to_string(n));
  }
  return name;
}

void check_share_folder(Environment& env, const Path& share) {
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
