// backups/ on the share: dated copies of master.db, and what somebody else wrote in its place.
//
//   master-2026-11-21-100000-00000042.db     the state after entry 42, made by a node
//   hand-edited-2026-11-21-100000-1f3a.db    stood where master.db belongs, and was not ours
//
// Beside each stands <name>.json with its digest: first the note, then the file, so that a file
// without a note is none of ours. Times in names are UTC. Only copies that nodes made are ever
// removed, by a rule; what people wrote stays until people remove it.
//
// Thread rule: one thread at a time per object.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/ids.h"
#include "share/dataset.h"

namespace tidesync {

inline constexpr int kBackupFormatVersion = 1;
inline constexpr std::uint64_t kMaxBackupBytes = std::uint64_t{64} << 30;

enum class BackupKind { kMaster, kHandEdited };

struct BackupName {
  BackupKind kind = BackupKind::kMaster;
  std::string name;  // without ".db"
  std::int64_t at_ms = 0;
  Seq seq;  // kMaster
};
// nullopt for names that are not ours.
std::optional<BackupName> parse_backup_name(std::string_view name);
std::string master_backup_name(std::int64_t at_ms, Seq seq);
std::string hand_edited_name(std::int64_t at_ms, Random& random);

struct BackupNote {
  int format = kBackupFormatVersion;
  Uuid share_id;
  BackupKind kind = BackupKind::kMaster;
  Seq seq;
  Digest state;   // of the rows; none when hand-edited
  Digest digest;  // of the file
  std::uint64_t size = 0;
  std::string made_by;  // a node
  std::int64_t made_at_ms = 0;
};
std::string to_json(const BackupNote& note);
// Never throws for what the text says; `problem` is for people. A newer format is a note whose
// other members say nothing.
std::optional<BackupNote> parse_backup_note(std::string_view text, std::string& problem);

// Which dated copies stay: all of the last days, then the newest of each week, then of each month.
// The newest of all always stays.
struct KeepRule {
  int days = 7;
  int weeks = 8;
  int months = 12;
  std::optional<std::size_t> newest;  // instead of all these: so many
};
// Positions of those that may go, of copies with these times in any order.
std::vector<std::size_t> backups_to_remove(const std::vector<std::int64_t>& times_ms,
                                           std::int64_t now_ms, const KeepRule& rule);
// "7d 8w 12m" or "20"; nullopt for anything else.
std::optional<KeepRule> parse_keep_rule(std::string_view text);
std::string to_string(const KeepRule& rule);

struct ListedBackup {
  BackupName name;
  std::uint64_t size = 0;
  bool has_note = false;
};

class Backups {
 public:
  // Both must outlive this object. `dataset` is open.
  Backups(FileSystem& fs, Dataset& dataset) : fs_(fs), dataset_(dataset) {}

  // Newest first (1 operation); also those without a note.
  std::vector<ListedBackup> list();
  // Copies the local file there, reads it back, puts it in place.
  void put(const BackupName& name, BackupNote note, FileSystem& local, const Path& from);
  // master.db moves there under this name, with the -wal and -journal that belong to it. Moving
  // needs no room. False when it was gone.
  bool move_master(const BackupName& name, const BackupNote& note);
  // The note beside a backup. Throws kDamaged, kTooNew and kWrongShare, kNotFound without one.
  BackupNote read_note(const BackupName& name);
  // To the new local file `to`, with a -wal or -journal that belongs to it; checked against the
  // note. Throws kDamaged and kNotFound.
  void fetch(const BackupName& name, const BackupNote& note, FileSystem& local, const Path& to);
  // Removes dated copies by the rule; the names of those that went. Best effort.
  std::vector<std::string> prune(std::int64_t now_ms, const KeepRule& rule);

 private:
  void make_folder();
  Path path_of(const std::string& file) const;

  FileSystem& fs_;
  Dataset& dataset_;
};

// The checks of Backups::read_note for a note that stands elsewhere, as `file`.
BackupNote check_backup_note(const std::optional<std::string>& text, const std::string& file,
                             const Uuid& share_id);

}  // namespace tidesync
