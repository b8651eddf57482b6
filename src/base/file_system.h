// The file system, as a seam: the disk (POSIX or Windows), a memory implementation for tests, and
// decorators that count, slow down or break operations. Everything on the share goes through it,
// and every virtual call is one operation over the network, so the number of calls is the cost of a
// sync (closing a read handle is free; it carries no answer).
//
// What an implementation promises (tests/contract/file_system_contract.cpp):
//   * A file made by create_new is visible to others at once and may be seen half-written; that is
//     why content is only ever published by link_new, rename_directory_new or rename_replacing
//     after sync and close succeeded.
//   * link_new and rename_directory_new never replace anything and never leave a partial file.
//   * A reader keeps the content it opened when the name is given to another file or removed.
//   * Interrupted calls are retried inside; short reads and writes are completed inside.
//   * Failures are Errors whose code is kNotFound, kAlreadyExists, kNoPermission, kReadOnly,
//     kDiskFull, kShareUnreachable or kIo, and whose subject is the path (of two paths: the
//     second). "File" and "directory" mix-ups that no caller makes on purpose give kIo or
//     kNotFound.
//
// Thread rule: an implementation may be used from several threads; a handle by one at a time.
#pragma once

#include <boost/filesystem/path.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidesync {

using Path = boost::filesystem::path;

struct DirEntry {
  std::string name;
  bool is_directory = false;  // of the entry itself: a symbolic link is not followed
  std::uint64_t size = 0;     // bytes; of a directory: 0. May be as stale as the listing itself.
};

struct FileInfo {
  bool is_directory = false;
  std::uint64_t size = 0;
  std::int64_t modified_ms = 0;  // UTC by the clock of whoever keeps the file, usually the server
};

// What became of an attempt to give a name that must not be taken.
enum class NameOutcome {
  kCreated,  // the name is ours
  kExists,   // the name is taken and untouched, ours is where it was. On NFS the first may have
             // been ourselves, when the answer was lost and the request repeated: who needs to
             // know compares the content
  kUnknown,  // the store gave no clear answer, and may still act: read the name back and compare
  kUnsupported,  // this store cannot do it (no hard links). A hint for the first contact: some
                 // mounts say so for a name whose taking they have not noticed, so on a store that
                 // has done it before this means kUnknown
};

class ReadHandle {
 public:
  virtual ~ReadHandle() = default;
  // Fills `buffer` from the current position; returns fewer bytes only at the end of the file.
  virtual std::size_t read(char* buffer, std::size_t size) = 0;
  // Moves to `offset` from the start. Costs nothing.
  virtual void seek(std::uint64_t offset) = 0;
  // Size when the file was opened.
  virtual std::uint64_t size() const = 0;
};

// Destroying an unclosed handle closes it and reports nothing: a caller that needs the content
// calls sync() and close() and treats an error of either as "nothing happened".
class WriteHandle {
 public:
  virtual ~WriteHandle() = default;
  virtual void write(std::string_view bytes) = 0;
  // Asks the store to make the content durable.
  virtual void sync() = 0;
  virtual void close() = 0;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // Names in a directory, in no particular order, without "." and "..". Throws kNotFound when it
  // does not exist or is a file. A name that comes or goes meanwhile may or may not be among them.
  virtual std::vector<DirEntry> list(const Path& directory) = 0;
  // nullopt when nothing has that name. A negative answer may be stale on a network.
  virtual std::optional<FileInfo> stat(const Path& path) = 0;
  // nullptr when there is no such file. Throws for all else, for instance a directory.
  virtual std::unique_ptr<ReadHandle> open_read(const Path& path) = 0;
  // A new, empty file. Throws kAlreadyExists when the name is taken, kNotFound when its folder is
  // missing.
  virtual std::unique_ptr<WriteHandle> create_new(const Path& path) = 0;

  // Gives the existing file `from` the second name `to`, which must be free: a file or a directory
  // of that name gives kExists. Throws kNotFound when `from` or the folder of `to` is missing.
  virtual NameOutcome link_new(const Path& from, const Path& to) = 0;
  // Renames the non-empty directory `from` to `to`, which must be free. A taken name (a file, or a
  // directory with something in it) gives kExists. Callers never create an empty directory at such
  // a name, because a rename onto an empty directory may succeed. Throws kNotFound when `from` or
  // the folder of `to` is missing and nothing has the name `to` (with `to` there, and `from` gone,
  // it may have been us: kUnknown).
  virtual NameOutcome rename_directory_new(const Path& from, const Path& to) = 0;
  // Renames a file, replacing the file `to` in one step if there is one. Throws kNotFound when
  // `from` is missing. When both already name the same file, nothing happens and `from` may stay.
  virtual void rename_replacing(const Path& from, const Path& to) = 0;

  // Removes a file or an empty directory; false when nothing had that name. Throws kIo for a
  // directory with something in it.
  virtual bool remove(const Path& path) = 0;
  // false when something has that name already (a file, too: the first use inside it tells). Throws
  // kNotFound when the parent is missing.
  virtual bool create_directory(const Path& path) = 0;
  // Makes the names inside a directory durable, where the system can (a no-op elsewhere).
  virtual void sync_directory(const Path& directory) = 0;
};

// The real disk, and whatever is mounted on it. Files are created with the widest mode the umask
// allows; reads drop cached pages first, so that a check sees what the server holds.
class DiskFileSystem : public FileSystem {
 public:
  std::vector<DirEntry> list(const Path& directory) override;
  std::optional<FileInfo> stat(const Path& path) override;
  std::unique_ptr<ReadHandle> open_read(const Path& path) override;
  std::unique_ptr<WriteHandle> create_new(const Path& path) override;
  NameOutcome link_new(const Path& from, const Path& to) override;
  NameOutcome rename_directory_new(const Path& from, const Path& to) override;
  void rename_replacing(const Path& from, const Path& to) override;
  bool remove(const Path& path) override;
  bool create_directory(const Path& path) override;
  void sync_directory(const Path& directory) override;
};

// Bytes moved per read or write when a file is copied: large, because each is a round trip.
inline constexpr std::size_t kCopyChunkBytes = 8u << 20;

// Helpers on top of the seam ---------------------------------------------------------------------

// The whole file, nullopt when absent. Throws kDamaged when it is larger than `limit_bytes`.
std::optional<std::string> read_file(FileSystem& fs, const Path& path, std::uint64_t limit_bytes);

// create_new, write, sync, close. On any failure after create_new the file is removed (best effort)
// and the error passed on. `durable` is about the content; the name needs sync_directory.
void write_new_file(FileSystem& fs, const Path& path, std::string_view bytes, bool durable = true);

// Writes `temporary` and renames it over `path`: readers see the old content or the new one. The
// name `temporary` is the caller's alone; what a crash left there is removed. On failure `path` has
// its old content, or the new one when only the answer was lost.
void replace_file(FileSystem& fs, const Path& temporary, const Path& path, std::string_view bytes,
                  bool durable = true);

// Makes a directory and those above it; one operation when it exists.
void create_directories(FileSystem& fs, const Path& path);
// Removes a directory and all in it, or a file; nothing when absent. For our own local folders and
// tests only.
void remove_all(FileSystem& fs, const Path& path);

// A path as UTF-8, for messages and for SQLite; and back. (Beside the system calls, in _posix and
// _windows. On POSIX a name is any bytes, and stays so.)
std::string to_utf8(const Path& path);
Path from_utf8(std::string_view text);

}  // namespace tidesync
