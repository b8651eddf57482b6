#include "sync/master_check.h"

#include <set>

#include "base/log.h"
#include "base/number.h"
#include "share/backups.h"
#include "share/layout.h"
#include "sync/database_files.h"
#include "sync/sync_run.h"

namespace tidesync {
namespace {

constexpr std::int64_t kThoroughEveryMs = 24LL * 60 * 60 * 1000;

// Of what is not SQLite's own.
std::set<std::string> object_names(Database& db) {
  std::set<std::string> names;
  Statement rows = db.prepare(
      "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' "
      "ESCAPE '\\'");
  while (rows.step()) names.insert(rows.get_text(0));
  return names;
}

// A file of a node: it has nothing that the base copy has not, and its rows are those of the state
// it names. Whatever else may be in the file, it is only looked at.
bool is_built_by_a_node(const Path& file, Base& base) {
  try {
    {
      Database db = Database::open(file, OpenMode::kReadOnly);
      const std::set<std::string> known = object_names(base.db());
      for (const std::string& name : object_names(db)) {
        if (known.count(name) == 0) return false;
      }
    }
    Base copy(file);
    if (copy.cursor().seq.value == 0 || copy.shapes().empty()) return false;
    StateDigest state;
    for (const TableShape& shape : copy.shapes()) {
      Statement rows = copy.table(shape.id).scan();
      while (rows.step()) state.add_row(shape.name, copy.table(shape.id).image_of(rows));
    }
    return state.value() == copy.state();
  } catch (const std::exception& error) {
    log::info(std::string("master.db on the share is none of a node's: ") + error.what());
    return false;
  }
}

bool is_open_for_writing(FileSystem& fs, const Path& root) {
  for (const char* suffix : {"-wal", "-journal"}) {
    const auto info = fs.stat(root / (std::string(layout::kMasterFile) + suffix));
    if (info && info->size > 0) return true;
  }
  return false;
}

}  // namespace

MasterFound check_master(Environment& env, const LocalPaths& paths, Dataset& dataset, Base& base,
                         const std::optional<MasterNote>& note, MasterCheck check) {
  const auto info = env.share.stat(dataset.root() / layout::kMasterFile);
  if (!info) return {};
  MasterFound found{MasterState::kOurs, {}, info->size};
  const std::string looks = std::to_string(info->size) + "/" + std::to_string(info->modified_ms) +
                            "/" + (note ? note->digest.hex() : "");
  const bool as_noted = note && note->size == info->size && note->file_ms == info->modified_ms;
  const std::int64_t last_ms = int64_or(base.get_state("master_read_ms"), 0);
  const std::int64_t now_ms = env.clock.now_ms();
  // A node that never looked begins its day now.
  if (last_ms == 0 && check == MasterCheck::kQuick)
    base.set_state("master_read_ms", std::to_string(now_ms));
  const bool due = last_ms > 0 && (now_ms - last_ms > kThoroughEveryMs || now_ms < last_ms);
  const bool as_seen = as_noted || base.get_state("master_seen") == looks;
  if (check == MasterCheck::kQuick && as_seen && !due) return found;

  const Path copy = paths.staging / ("master-there-" + make_uuid(env.random).substr(0, 8));
  if (!dataset.fetch_copy(layout::kMasterFile, env.local, copy, kMaxBackupBytes)) return {};
  found.digest = digest_of_file(env.local, copy);
  found.size = env.local.stat(copy)->size;
  const bool as_built = (note && note->digest == found.digest) || is_built_by_a_node(copy, base);
  remove_database(env.local, copy);
  if (!as_built || is_open_for_writing(env.share, dataset.root())) {
    found.state = MasterState::kForeign;
    return found;
  }
  if (check == MasterCheck::kQuick) {
    base.set_state("master_read_ms", std::to_string(now_ms));
    base.set_state("master_seen", looks);
  }
  return found;
}

}  // namespace tidesync
