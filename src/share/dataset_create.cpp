// Dataset::create: an empty folder becomes a dataset.
#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "share/dataset.h"
#include "share/dataset_format.h"
#include "share/layout.h"
#include "share/probe.h"

namespace tidesync {
namespace {

using dataset_format::kMaxNoteBytes;
using share_files::remove_quietly;

constexpr const char* kFolders[] = {layout::kLogFolder,       layout::kNodesFolder,
                                    layout::kStagingFolder,   layout::kQuarantineFolder,
                                    layout::kSnapshotsFolder, layout::kBackupsFolder};

// What servers and desktops leave in every folder. In lower case.
constexpr const char* kHarmless[] = {".ds_store", "thumbs.db", "desktop.ini", "lost+found",
                                     ".snapshot", "#recycle",  "@eadir"};

constexpr std::size_t kNamesShown = 5;

template <typename Range>
bool contains(const Range& range, std::string_view name) {
  return std::find(std::begin(range), std::end(range), name) != std::end(range);
}

[[noreturn]] void fail(ErrorCode code, const Path& root, const std::string& detail,
                       const std::string& hint) {
  throw Error(code, "create dataset", to_utf8(root), detail, hint);
}

[[noreturn]] void fail_exists(const Path& root) {
  fail(ErrorCode::kAlreadyExists, root,
       "there is a dataset in this folder already; it is untouched",
       "join it instead of creating a new one, or choose another folder");
}

void require_free(FileSystem& fs, const Path& root) {
  std::vector<std::string> foreign;
  for (const DirEntry& entry : fs.list(root)) {
    if (entry.name == layout::kFormatFile) fail_exists(root);
    const bool ours = entry.is_directory && contains(kFolders, entry.name);
    if (!ours && !contains(kHarmless, to_lower_ascii(entry.name))) {
      foreign.push_back(printable(entry.name));
    }
  }
  if (foreign.empty()) return;
  std::sort(foreign.begin(), foreign.end());
  const std::size_t more = foreign.size() > kNamesShown ? foreign.size() - kNamesShown : 0;
  if (more > 0) foreign.resize(kNamesShown);
  fail(ErrorCode::kUsage, root,
       "the folder holds files that are not tidesync's: " + join(foreign, ", ") +
           (more > 0 ? " and " + std::to_string(more) + " more" : "") + "; nothing was changed",
       "choose an empty folder, or make one");
}

void make_folders(FileSystem& fs, const Path& root) {
  for (const char* folder : kFolders) fs.create_directory(root / folder);
  // Entries without a format.json: somebody deleted it, or only part of a backup came back.
  if (!fs.list(root / layout::kLogFolder).empty()) {
    fail(ErrorCode::kAlreadyExists, root,
         "the folder log/ has entries of a dataset, but format.json is missing; no entry "
         "was changed",
         "put format.json back from a backup, or choose an empty folder");
  }
}

PublishPrimitive choose_primitive(const ProbeReport& report, const Path& root) {
  if (report.primitive) return *report.primitive;
  fail(ErrorCode::kUsage, root,
       "this store can give a name neither to a hard link (" + report.link_problem +
           ") nor to a folder (" + report.folder_problem +
           ") without the danger of replacing another's; two computers could overwrite each "
           "other's changes",
       "use a share over SMB, NFS or sshfs, or a local folder; not WebDAV, rclone or a "
       "synchronised cloud folder");
}

// By put-if-absent. Whether it was ours that got the name, the caller finds out.
void write_format(FileSystem& fs, const Path& staged, const Path& path, const DatasetFormat& format,
                  const std::string& text) {
  if (format.primitive == PublishPrimitive::kDirectory) {
    // Without links a crash here may leave a torn format.json. That is acceptable: nothing refers
    // to the dataset yet, a damaged file is refused by everybody, and people can delete it.
    try {
      write_new_file(fs, path, text);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kAlreadyExists) throw;
    }
    return;
  }
  write_new_file(fs, staged, text);
  try {
    fs.link_new(staged, path);
  } catch (...) {
    remove_quietly(fs, staged);
    throw;
  }
  remove_quietly(fs, staged);
}

}  // namespace

DatasetFormat Dataset::create(const std::string& tool_version, const Birth& birth) {
  require_free(fs_, root_);
  try {
    make_folders(fs_, root_);
  } catch (const Error& error) {
    if (!error.hint().empty()) throw;
    share_files::rethrow_with(error, "create dataset", to_utf8(root_), "no dataset was created");
  }
  DatasetFormat format;
  ProbeOptions probe;
  probe.names = birth.raced_names;
  format.primitive = choose_primitive(probe_share(fs_, root_, clock_, random_, probe), root_);
  format.share_id = birth.share_id.empty() ? make_uuid(random_) : birth.share_id;
  format.entries_per_folder = birth.entries_per_folder;
  format.created = iso_utc(clock_.now_ms());
  format.created_by = tool_version;
  const std::string text = dataset_format::to_json(format);
  const Path path = root_ / layout::kFormatFile;
  write_format(fs_, staging_path(), path, format, text);
  // Two nodes may create at once, each with a share_id of its own. What the calls answered may be
  // wrong (a repeated request meets its own first copy); what stands there decides.
  const auto found = read_file(fs_, path, kMaxNoteBytes);
  if (!found) {
    fail(ErrorCode::kIo, root_, "the share does not show format.json after it was written",
         "try again; if a dataset is there then, join it");
  }
  if (*found != text) fail_exists(root_);
  format_ = format;
  return format;
}

}  // namespace tidesync
