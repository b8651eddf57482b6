#include "cli/report_files.h"

#include "base/error.h"
#include "base/text.h"
#include "cli/report_html.h"
#include "cli/report_tables.h"
#include "cli/system.h"

namespace tidesync {
namespace {

constexpr const char* kOperation = "write report";

struct PlannedFile {
  Path path;
  std::string table;  // "" for the page, "*" for all tables
};

bool is_csv_file(const std::string& path) {
  return to_lower_ascii(path).ends_with(".csv");
}

// The tables that there are: those of an empty report.
std::vector<std::string> table_names() {
  std::vector<std::string> names;
  for (const ReportTable& table : report_tables(Report{})) names.push_back(table.key);
  return names;
}

std::vector<PlannedFile> plan(const ReportFiles& files) {
  std::vector<PlannedFile> planned;
  if (!files.html.empty()) planned.push_back({absolute_path(files.html), ""});
  if (files.csv.empty()) return planned;
  const Path csv = absolute_path(files.csv);
  if (is_csv_file(files.csv)) {
    planned.push_back({csv, "*"});
    return planned;
  }
  for (const std::string& name : table_names()) planned.push_back({csv / (name + ".csv"), name});
  return planned;
}

void check_free(FileSystem& fs, const Path& path, bool force) {
  const auto found = fs.stat(path);
  if (!found) return;
  if (found->is_directory)
    throw Error(ErrorCode::kAlreadyExists, kOperation, to_utf8(path), "it is a folder",
                "Give the name of a file.");
  if (force) return;
  throw Error(ErrorCode::kAlreadyExists, kOperation, to_utf8(path),
              "it exists already; nothing was written",
              "Add --force to replace it, or give another name.");
}

void check_folder(FileSystem& fs, const Path& folder) {
  const auto found = fs.stat(folder);
  if (found && found->is_directory) return;
  throw Error(found ? ErrorCode::kAlreadyExists : ErrorCode::kNotFound, kOperation, to_utf8(folder),
              found ? "it is no folder" : "there is no such folder",
              "Give a place in a folder that exists.");
}

std::string content_of(const PlannedFile& file, const Report& report) {
  if (file.table.empty()) return report_html(report);
  const std::vector<ReportTable> tables = report_tables(report);
  return file.table == "*" ? report_csv(tables) : report_csv(table_of(tables, file.table));
}

void write_file(FileSystem& fs, const Path& path, std::string_view bytes) {
  Path temporary = path;
  temporary += ".tidesync-new";
  try {
    replace_file(fs, temporary, path, bytes);
  } catch (const Error& error) {
    const std::string hint =
        error.hint().empty() ? "Give another place with --html or --csv." : error.hint();
    throw Error(error.code(), kOperation, to_utf8(path), error.detail(), hint);
  }
}

}  // namespace

void check_report_files(FileSystem& fs, const ReportFiles& files) {
  if (!files.csv.empty() && !is_csv_file(files.csv)) {
    const Path folder = absolute_path(files.csv);
    check_folder(fs, folder.parent_path());
    if (fs.stat(folder)) check_folder(fs, folder);
  }
  for (const PlannedFile& file : plan(files)) {
    if (file.table.empty() || file.table == "*") check_folder(fs, file.path.parent_path());
    check_free(fs, file.path, files.force);
  }
}

std::vector<std::string> write_report_files(FileSystem& fs, const ReportFiles& files,
                                            const Report& report) {
  if (!files.csv.empty() && !is_csv_file(files.csv))
    create_directories(fs, absolute_path(files.csv));
  std::vector<std::string> written;
  for (const PlannedFile& file : plan(files)) {
    write_file(fs, file.path, content_of(file, report));
    written.push_back(to_utf8(file.path));
  }
  return written;
}

}  // namespace tidesync
