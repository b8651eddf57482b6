#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "share/dataset.h"
#include "sync/backup_source.h"
#include "sync/database_files.h"
#include "sync/sync_run.h"

namespace tidesync {
namespace {

constexpr const char* kOperation = "master restore";
constexpr const char* kFileEnding = ".db";
constexpr std::size_t kListed = 10;

std::string without_ending(const std::string& text) {
  return text.ends_with(kFileEnding) ? text.substr(0, text.size() - 3) : text;
}

// "2026-11-21 10:00" and "2026-11-21T10:00" as in names: "2026-11-21-1000".
std::string as_in_names(std::string date) {
  for (char& c : date) {
    if (c == 'T' || c == 't' || c == ' ') c = '-';
  }
  std::erase(date, ':');
  return date;
}

bool is_beginning_of_a_date(const std::string& date) {
  return date.size() >= 4 && date.find_first_not_of("0123456789-") == std::string::npos;
}

// The newest dated copy of a date, or the one of this name.
const ListedBackup* find(const std::vector<ListedBackup>& backups, const std::string& text) {
  const std::string name = without_ending(text);
  const std::string date = as_in_names(text);
  for (const ListedBackup& backup : backups) {
    if (backup.name.name == name) return &backup;
  }
  if (!is_beginning_of_a_date(date)) return nullptr;
  for (const ListedBackup& backup : backups) {
    if (backup.name.kind == BackupKind::kMaster && backup.has_note &&
        backup.name.name.starts_with("master-" + date)) {
      return &backup;
    }
  }
  return nullptr;
}

[[noreturn]] void fail_unknown(const std::string& text, const std::vector<ListedBackup>& backups) {
  std::vector<std::string> names;
  for (const ListedBackup& backup : backups) {
    if (names.size() < kListed) names.push_back(backup.name.name);
  }
  throw Error(ErrorCode::kNotFound, kOperation, printable(text), "there is no such backup",
              names.empty()
                  ? "The share has none yet: tidesync master backup makes one."
                  : "Give a date (UTC) or a name; the newest are: " + join(names, ", ") + ".");
}

}  // namespace

BackupSource::BackupSource(Environment& env, EditSession& session, const std::string& text)
    : env_(env), session_(session) {
  create_directories(env_.local, session_.paths().staging);
  copy_ = session_.paths().staging / ("restore-" + make_uuid(env_.random).substr(0, 8) + ".db");
  const Path file = from_utf8(text);
  const auto info = text.empty() ? std::nullopt : env_.local.stat(file);
  try {
    if (info && !info->is_directory) {
      take_file(file);
    } else {
      take_from_share(text);
    }
    open();
  } catch (...) {
    db_.reset();
    remove_database(env_.local, copy_);
    throw;
  }
}

BackupSource::~BackupSource() {
  db_.reset();
  try {
    remove_database(env_.local, copy_);
  } catch (const Error&) {
    // Left in our own tmp/, where anything may be deleted.
  }
}

void BackupSource::take_from_share(const std::string& text) {
  const Config& config = session_.config();
  Dataset dataset(env_.share, config.share, env_.clock, env_.random, config.node);
  dataset.open(session_.local().get_meta("share_id"));
  Backups backups(env_.share, dataset);
  const auto listed = backups.list();
  const ListedBackup* found = find(listed, text);
  if (!found) fail_unknown(text, listed);
  name_ = found->name.name;
  note_ = backups.read_note(found->name);
  backups.fetch(found->name, note_, env_.local, copy_);
}

void BackupSource::take_file(const Path& file) {
  name_ = without_ending(to_utf8(file.filename()));
  const Path note = file.parent_path() / from_utf8(name_ + ".json");
  note_ = check_backup_note(read_file(env_.local, note, 1u << 20), to_utf8(note),
                            session_.local().get_meta("share_id"));
  copy_database(env_.local, file, copy_);
  if (digest_of_file(env_.local, copy_) != note_.digest) {
    throw Error(ErrorCode::kDamaged, kOperation, to_utf8(file),
                "its bytes are not those that its note names; nothing was changed",
                "Choose another one: tidesync master info lists them.");
  }
}

// For writing, so that SQLite itself settles what somebody's interrupted edit left beside it; and
// with no trust in what somebody may have put into its schema.
void BackupSource::open() {
  db_ = std::make_unique<Database>(Database::open_application(copy_));
  const std::string found = db_->get_text("PRAGMA quick_check(1)");
  if (found == "ok") return;
  throw Error(ErrorCode::kDamaged, kOperation, name_, found + "; nothing was changed",
              "Choose another one: tidesync master info lists them.");
}

}  // namespace tidesync
