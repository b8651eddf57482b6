#include "watched_vfs.h"

#include <sqlite3.h>

#include <cstring>

#include "meter.h"

namespace tidesync::bench {
namespace {

constexpr int kWalWriteLock = 0;  // of SQLite's shared memory: the one writer

std::string share_prefix;
sqlite3_vfs* inner_vfs = nullptr;

// SQLite gives room for this and, behind it, the file of the layer below.
struct WatchedFile {
  sqlite3_file base;
  bool is_on_share;
  bool is_application;
  int level;             // SQLITE_LOCK_*
  double reading_since;  // ms
  double writing_since;  // ms; rollback mode
  double wal_since;      // ms; write-ahead log
  sqlite3_file* inner() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

WatchedFile& watched(sqlite3_file* file) {
  return *reinterpret_cast<WatchedFile*>(file);
}

sqlite3_file* inner(sqlite3_file* file) {
  return watched(file).inner();
}

bool is_on_share(const char* name) {
  return name != nullptr && std::strncmp(name, share_prefix.c_str(), share_prefix.size()) == 0;
}

bool is_application(const char* name, int flags) {
  if (name == nullptr || (flags & SQLITE_OPEN_MAIN_DB) == 0) return false;
  const std::string_view text = name;
  return text.ends_with("/app.db");
}

void operation(sqlite3_file* file) {
  if (watched(file).is_on_share) meter().operation();
}

int close(sqlite3_file* file) {
  return inner(file)->pMethods->xClose(inner(file));
}

int read(sqlite3_file* file, void* buffer, int size, sqlite3_int64 offset) {
  operation(file);
  if (watched(file).is_on_share) meter().read(static_cast<std::uint64_t>(size));
  return inner(file)->pMethods->xRead(inner(file), buffer, size, offset);
}

int write(sqlite3_file* file, const void* buffer, int size, sqlite3_int64 offset) {
  operation(file);
  if (watched(file).is_on_share) meter().wrote(static_cast<std::uint64_t>(size));
  return inner(file)->pMethods->xWrite(inner(file), buffer, size, offset);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  operation(file);
  return inner(file)->pMethods->xTruncate(inner(file), size);
}

int sync(sqlite3_file* file, int flags) {
  operation(file);
  return inner(file)->pMethods->xSync(inner(file), flags);
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return inner(file)->pMethods->xFileSize(inner(file), size);
}

// Rises to `level` or falls to it; what ended is told.
void note_level(WatchedFile& file, int level) {
  if (!file.is_application) return;
  const double now = now_ms();
  if (file.level < SQLITE_LOCK_SHARED && level >= SQLITE_LOCK_SHARED) file.reading_since = now;
  if (file.level < SQLITE_LOCK_RESERVED && level >= SQLITE_LOCK_RESERVED) file.writing_since = now;
  if (file.level >= SQLITE_LOCK_RESERVED && level < SQLITE_LOCK_RESERVED)
    meter().write_locked(now - file.writing_since);
  if (file.level >= SQLITE_LOCK_SHARED && level < SQLITE_LOCK_SHARED)
    meter().read_locked(now - file.reading_since);
  file.level = level;
}

int lock(sqlite3_file* file, int level) {
  operation(file);
  const int code = inner(file)->pMethods->xLock(inner(file), level);
  if (code == SQLITE_OK) note_level(watched(file), level);
  return code;
}

int unlock(sqlite3_file* file, int level) {
  const int code = inner(file)->pMethods->xUnlock(inner(file), level);
  note_level(watched(file), level);
  return code;
}

int check_reserved_lock(sqlite3_file* file, int* result) {
  return inner(file)->pMethods->xCheckReservedLock(inner(file), result);
}

int file_control(sqlite3_file* file, int operation, void* argument) {
  return inner(file)->pMethods->xFileControl(inner(file), operation, argument);
}

int sector_size(sqlite3_file* file) {
  return inner(file)->pMethods->xSectorSize(inner(file));
}

int device_characteristics(sqlite3_file* file) {
  return inner(file)->pMethods->xDeviceCharacteristics(inner(file));
}

int shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
  return inner(file)->pMethods->xShmMap(inner(file), region, size, extend, memory);
}

int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  const int code = inner(file)->pMethods->xShmLock(inner(file), offset, count, flags);
  WatchedFile& self = watched(file);
  const bool is_write_lock = offset == kWalWriteLock && (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  if (code != SQLITE_OK || !self.is_application || !is_write_lock) return code;
  if ((flags & SQLITE_SHM_LOCK) != 0)
    self.wal_since = now_ms();
  else
    meter().write_locked(now_ms() - self.wal_since);
  return code;
}

void shm_barrier(sqlite3_file* file) {
  inner(file)->pMethods->xShmBarrier(inner(file));
}

int shm_unmap(sqlite3_file* file, int remove) {
  return inner(file)->pMethods->xShmUnmap(inner(file), remove);
}

// Version 2: without memory mapping, which is off here.
constexpr sqlite3_io_methods kMethods = {2,
                                         close,
                                         read,
                                         write,
                                         truncate,
                                         sync,
                                         file_size,
                                         lock,
                                         unlock,
                                         check_reserved_lock,
                                         file_control,
                                         sector_size,
                                         device_characteristics,
                                         shm_map,
                                         shm_lock,
                                         shm_barrier,
                                         shm_unmap,
                                         nullptr,
                                         nullptr};

int open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
  WatchedFile& self = watched(file);
  self = {};
  self.is_on_share = is_on_share(name);
  self.is_application = is_application(name, flags);
  operation(file);
  const int code = inner_vfs->xOpen(inner_vfs, name, self.inner(), flags, out_flags);
  self.base.pMethods = self.inner()->pMethods != nullptr ? &kMethods : nullptr;
  return code;
}

int remove(sqlite3_vfs*, const char* name, int sync_directory) {
  if (is_on_share(name)) meter().operation();
  return inner_vfs->xDelete(inner_vfs, name, sync_directory);
}

int access(sqlite3_vfs*, const char* name, int flags, int* result) {
  if (is_on_share(name)) meter().operation();
  return inner_vfs->xAccess(inner_vfs, name, flags, result);
}

}  // namespace

void watch_sqlite(const std::string& share_folder) {
  static sqlite3_vfs layer;
  share_prefix = share_folder;
  if (inner_vfs != nullptr) return;
  inner_vfs = sqlite3_vfs_find(nullptr);
  layer = *inner_vfs;  // the rest of its calls need no layer
  layer.szOsFile = static_cast<int>(sizeof(WatchedFile)) + inner_vfs->szOsFile;
  layer.zName = "watched";
  layer.xOpen = open;
  layer.xDelete = remove;
  layer.xAccess = access;
  sqlite3_vfs_register(&layer, 1);
}

}  // namespace tidesync::bench
