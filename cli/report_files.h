// The files that a report is written to. Each is written beside its place and then renamed: nothing
// half-written is ever seen or left, and what is there stays unless `force`.
#pragma once

#include <string>
#include <vector>

#include "base/file_system.h"
#include "inspect/report.h"

namespace tidesync {

struct ReportFiles {
  std::string html;  // a file; "" for none
  std::string csv;   // a file NAME.csv, else a folder; "" for none
  bool force = false;
};

// Before anything is read: throws Error kAlreadyExists for a file that is there and no force, or a
// folder where a file should be; kNotFound when the folder around it is missing.
void check_report_files(FileSystem& fs, const ReportFiles& files);
// Returns their paths.
std::vector<std::string> write_report_files(FileSystem& fs, const ReportFiles& files,
                                            const Report& report);

}  // namespace tidesync
