#include "share/backups.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text.h"
#include "share/dataset_format.h"
#include "share/layout.h"

namespace tidesync {
namespace {

using Json = nlohmann::json;
using share_files::remove_quietly;

constexpr std::string_view kMasterPrefix = "master-";
constexpr std::string_view kHandEditedPrefix = "hand-edited-";
constexpr std::string_view kTimeForm = "2026-11-21-100000";
constexpr const char* kFileEnding = ".db";
constexpr const char* kNoteEnding = ".json";
constexpr const char* kCompanions[] = {"-wal", "-journal"};
constexpr std::uint64_t kMaxNumber = 1ULL << 53;

// "2026-11-21-100000"
std::string time_text(std::int64_t at_ms) {
  std::string text = iso_utc(at_ms).substr(0, 19);
  text[10] = '-';
  std::erase(text, ':');
  return text;
}

std::optional<std::int64_t> time_of(std::string_view text) {
  if (text.size() != kTimeForm.size()) return std::nullopt;
  const std::string t(text);
  const std::string iso = t.substr(0, 10) + "T" + t.substr(11, 2) + ":" + t.substr(13, 2) + ":" +
                          t.substr(15, 2) + ".000Z";
  std::int64_t at_ms = 0;
  if (!parse_iso_utc(iso, at_ms) || time_text(at_ms) != text) return std::nullopt;
  return at_ms;
}

bool is_hex4(std::string_view text) {
  return text.size() == 4 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string file_of(const std::string& name, const char* ending) {
  return std::string(layout::kBackupsFolder) + "/" + name + ending;
}

// nullopt: wrong type or range.
std::optional<std::uint64_t> number_in(const Json& json, const char* member, std::uint64_t max) {
  const auto found = json.find(member);
  if (found == json.end() || !found->is_number_unsigned()) return std::nullopt;
  const auto number = found->get<std::uint64_t>();
  return number <= max ? std::optional(number) : std::nullopt;
}

std::string text_in(const Json& json, const char* member) {
  const auto found = json.find(member);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool take_digest(const Json& json, const char* member, Digest& digest) {
  try {
    digest = digest_from_hex(text_in(json, member));
    return true;
  } catch (const Error&) {
    return false;
  }
}

// "" when all members are right.
std::string take_members(const Json& json, BackupNote& note) {
  const auto format = number_in(json, "format", 1'000'000);
  if (!format || *format == 0) return "it has no \"format\"";
  note.format = static_cast<int>(*format);
  if (note.format > kBackupFormatVersion) return {};
  note.share_id = text_in(json, "share_id");
  if (!is_uuid(note.share_id)) return "its \"share_id\" is none";
  const std::string kind = text_in(json, "kind");
  if (kind != "master" && kind != "hand-edited") return "its \"kind\" is unknown";
  note.kind = kind == "master" ? BackupKind::kMaster : BackupKind::kHandEdited;
  const auto seq = number_in(json, "seq", kMaxNumber);
  const auto size = number_in(json, "size", kMaxBackupBytes);
  if (!seq || !size) return "its \"seq\" or \"size\" is no number";
  note.seq = Seq{*seq};
  note.size = *size;
  if (!take_digest(json, "state", note.state) || !take_digest(json, "digest", note.digest) ||
      note.digest.is_none()) {
    return "its \"state\" or \"digest\" is none";
  }
  note.made_by = text_in(json, "made_by");
  if (!is_node_id(note.made_by)) return "its \"made_by\" is no node's name";
  if (!parse_iso_utc(text_in(json, "made_at"), note.made_at_ms))
    return "its \"made_at\" is no time";
  return {};
}

[[noreturn]] void refuse(ErrorCode code, const std::string& file, const std::string& detail,
                         const std::string& hint) {
  throw Error(code, "read backup", file, detail, hint);
}

}  // namespace

// Names ------------------------------------------------------------------------------------------

std::optional<BackupName> parse_backup_name(std::string_view name) {
  BackupName parsed;
  parsed.name = std::string(name);
  parsed.kind = name.starts_with(kMasterPrefix) ? BackupKind::kMaster : BackupKind::kHandEdited;
  const bool is_master = parsed.kind == BackupKind::kMaster;
  const std::string_view prefix = is_master ? kMasterPrefix : kHandEditedPrefix;
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  const auto at_ms = time_of(name.substr(0, kTimeForm.size()));
  if (!at_ms || name.size() <= kTimeForm.size() || name[kTimeForm.size()] != '-')
    return std::nullopt;
  parsed.at_ms = *at_ms;
  name.remove_prefix(kTimeForm.size() + 1);
  const auto seq = layout::parse_entry_name(name);
  if (is_master ? !seq : !is_hex4(name)) return std::nullopt;
  if (is_master) parsed.seq = *seq;
  return parsed;
}

std::string master_backup_name(std::int64_t at_ms, Seq seq) {
  return std::string(kMasterPrefix) + time_text(at_ms) + "-" + layout::entry_name(seq);
}

std::string hand_edited_name(std::int64_t at_ms, Random& random) {
  return std::string(kHandEditedPrefix) + time_text(at_ms) + "-" + make_uuid(random).substr(0, 4);
}

// Notes ------------------------------------------------------------------------------------------

std::string to_json(const BackupNote& note) {
  nlohmann::ordered_json json;
  json["format"] = note.format;
  json["share_id"] = note.share_id;
  json["kind"] = note.kind == BackupKind::kMaster ? "master" : "hand-edited";
  json["seq"] = note.seq.value;
  json["state"] = note.state.hex();
  json["digest"] = note.digest.hex();
  json["size"] = note.size;
  json["made_by"] = note.made_by;
  json["made_at"] = iso_utc(note.made_at_ms);
  return json.dump(2) + "\n";
}

std::optional<BackupNote> parse_backup_note(std::string_view text, std::string& problem) {
  const Json json = Json::parse(text, nullptr, false);
  BackupNote note;
  problem = json.is_object() ? take_members(json, note) : "it is no JSON object";
  if (!problem.empty()) return std::nullopt;
  return note;
}

BackupNote check_backup_note(const std::optional<std::string>& text, const std::string& file,
                             const Uuid& share_id) {
  if (!text) {
    refuse(ErrorCode::kNotFound, file,
           "the file that says what is in the backup is missing; it may not be complete",
           "Choose another one: tidesync master info lists them.");
  }
  std::string problem;
  const auto note = parse_backup_note(*text, problem);
  if (!note) {
    refuse(ErrorCode::kDamaged, file, problem,
           "Choose another one: tidesync master info lists them.");
  }
  if (note->format > kBackupFormatVersion) {
    refuse(ErrorCode::kTooNew, file, "it was made by a newer version of tidesync",
           "Update tidesync on this computer.");
  }
  if (note->share_id != share_id) {
    refuse(ErrorCode::kWrongShare, file,
           "it is a backup of another dataset (" + note->share_id + "); nothing was changed",
           "Choose a backup of this share: tidesync master info lists them.");
  }
  return *note;
}

// Files ------------------------------------------------------------------------------------------

Path Backups::path_of(const std::string& file) const {
  return dataset_.root() / file;
}

void Backups::make_folder() {
  if (!fs_.stat(path_of(layout::kBackupsFolder)))
    share_files::restore_folder(fs_, dataset_.root(), layout::kBackupsFolder);
}

std::vector<ListedBackup> Backups::list() {
  std::vector<DirEntry> entries;
  try {
    entries = fs_.list(path_of(layout::kBackupsFolder));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
  }
  std::set<std::string> names;
  for (const DirEntry& entry : entries) names.insert(entry.name);
  std::vector<ListedBackup> found;
  for (const DirEntry& entry : entries) {
    if (entry.is_directory || !entry.name.ends_with(kFileEnding)) continue;
    const auto name =
        parse_backup_name(std::string_view(entry.name)
                              .substr(0, entry.name.size() - std::string_view(kFileEnding).size()));
    if (name) found.push_back({*name, entry.size, names.count(name->name + kNoteEnding) > 0});
  }
  std::sort(found.begin(), found.end(), [](const ListedBackup& a, const ListedBackup& b) {
    return std::pair(a.name.at_ms, a.name.name) > std::pair(b.name.at_ms, b.name.name);
  });
  return found;
}

void Backups::put(const BackupName& name, BackupNote note, FileSystem& local, const Path& from) {
  const auto file = share_files::digest_of_file(local, from);
  note.digest = file.digest;
  note.size = file.size;
  make_folder();
  dataset_.write_note(file_of(name.name, kNoteEnding), to_json(note));
  try {
    dataset_.replace_copy(file_of(name.name, kFileEnding), local, from);
  } catch (...) {
    remove_quietly(fs_, path_of(file_of(name.name, kNoteEnding)));
    throw;
  }
}

bool Backups::move_master(const BackupName& name, const BackupNote& note) {
  make_folder();
  const std::string file = file_of(name.name, kFileEnding);
  dataset_.write_note(file_of(name.name, kNoteEnding), to_json(note));
  try {
    fs_.rename_replacing(path_of(layout::kMasterFile), path_of(file));
  } catch (const Error& error) {
    remove_quietly(fs_, path_of(file_of(name.name, kNoteEnding)));
    if (error.code() != ErrorCode::kNotFound) throw;
    return false;
  }
  for (const char* companion : kCompanions) {
    const Path beside = path_of(std::string(layout::kMasterFile) + companion);
    if (fs_.stat(beside)) fs_.rename_replacing(beside, path_of(file + companion));
  }
  remove_quietly(fs_, path_of(std::string(layout::kMasterFile) + "-shm"));
  return true;
}

BackupNote Backups::read_note(const BackupName& name) {
  const std::string file = file_of(name.name, kNoteEnding);
  return check_backup_note(dataset_.read_note(file), to_utf8(path_of(file)),
                           dataset_.format().share_id);
}

void Backups::fetch(const BackupName& name, const BackupNote& note, FileSystem& local,
                    const Path& to) {
  const std::string file = file_of(name.name, kFileEnding);
  if (!dataset_.fetch_copy(file, local, to, kMaxBackupBytes)) {
    refuse(ErrorCode::kNotFound, to_utf8(path_of(file)), "there is no such file",
           "tidesync master info lists the backups.");
  }
  const auto found = share_files::digest_of_file(local, to);
  if (found.size != note.size || found.digest != note.digest) {
    remove_quietly(local, to);
    refuse(ErrorCode::kDamaged, to_utf8(path_of(file)),
           "its bytes are not those that were written; nothing was changed",
           "Choose another one: tidesync master info lists them.");
  }
  if (note.kind != BackupKind::kHandEdited) return;
  for (const char* companion : kCompanions) {
    Path beside = to;
    beside += companion;
    dataset_.fetch_copy(file + companion, local, beside, kMaxBackupBytes);
  }
}

// The file first: what is left of a removal that was stopped is a note without a file.
std::vector<std::string> Backups::prune(std::int64_t now_ms, const KeepRule& rule) {
  std::vector<ListedBackup> ours;
  std::vector<std::int64_t> times_ms;
  for (ListedBackup& backup : list()) {
    if (backup.name.kind != BackupKind::kMaster || !backup.has_note) continue;
    times_ms.push_back(backup.name.at_ms);
    ours.push_back(std::move(backup));
  }
  std::vector<std::string> gone;
  for (const std::size_t i : backups_to_remove(times_ms, now_ms, rule)) {
    const std::string& name = ours[i].name.name;
    try {
      fs_.remove(path_of(file_of(name, kFileEnding)));
      fs_.remove(path_of(file_of(name, kNoteEnding)));
      gone.push_back(name);
    } catch (const Error& error) {
      log::warning(std::string("a backup could not be removed: ") + error.what());
    }
  }
  return gone;
}

}  // namespace tidesync
