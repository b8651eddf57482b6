// A decorator that counts operations and bytes: the cost of a sync, as a number a test can pin.
//
// An operation is one virtual call of FileSystem, and read, write, sync or close of a handle; it
// counts whether it succeeds or not. seek(), size() and the destruction of a handle cost nothing.
// Thread rule: any thread. Must outlive the handles it gave out.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include "base/file_system.h"
#include "support/fs_call.h"

namespace tidesync::test {

class CountingFileSystem : public FileSystem {
 public:
  explicit CountingFileSystem(FileSystem& inner) : inner_(inner) {}

  std::uint64_t count(FsOp op) const { return counts_[static_cast<std::size_t>(op)]; }
  // All operations together.
  std::uint64_t total() const;
  std::uint64_t bytes_read() const { return bytes_read_; }
  std::uint64_t bytes_written() const { return bytes_written_; }
  void reset();
  // One line per kind that occurred, then the total and the bytes.
  std::string table() const;

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

 private:
  friend class CountingReadHandle;
  friend class CountingWriteHandle;

  void add(FsOp op) { ++counts_[static_cast<std::size_t>(op)]; }

  FileSystem& inner_;
  std::array<std::atomic<std::uint64_t>, kFsOpCount> counts_{};
  std::atomic<std::uint64_t> bytes_read_{0};
  std::atomic<std::uint64_t> bytes_written_{0};
};

}  // namespace tidesync::test
