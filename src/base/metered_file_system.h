// Counts the bytes that go to and from the share, and keeps them below a limit. A decorator of the
// share's FileSystem; without a limit it costs nothing but the counting.
//
// Thread rule: one thread at a time; must outlive the handles it gave out.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/file_system.h"

namespace tidesync {

class MeteredFileSystem : public FileSystem {
 public:
  // `while_waiting` is called before each pause of at most a quarter of a second, and may throw to
  // end the work (Ctrl-C).
  MeteredFileSystem(FileSystem& inner, Clock& clock, std::function<void()> while_waiting = {})
      : inner_(inner), clock_(clock), while_waiting_(std::move(while_waiting)) {}

  // Bytes a second, in both directions together; 0: as fast as it goes.
  void set_limit(std::int64_t bytes_per_s) { limit_ = bytes_per_s; }
  std::uint64_t bytes_read() const { return bytes_read_; }
  std::uint64_t bytes_written() const { return bytes_written_; }

  std::vector<DirEntry> list(const Path& directory) override { return inner_.list(directory); }
  std::optional<FileInfo> stat(const Path& path) override { return inner_.stat(path); }
  std::unique_ptr<ReadHandle> open_read(const Path& path) override;
  std::unique_ptr<WriteHandle> create_new(const Path& path) override;
  NameOutcome link_new(const Path& from, const Path& to) override {
    return inner_.link_new(from, to);
  }
  NameOutcome rename_directory_new(const Path& from, const Path& to) override {
    return inner_.rename_directory_new(from, to);
  }
  void rename_replacing(const Path& from, const Path& to) override {
    inner_.rename_replacing(from, to);
  }
  bool remove(const Path& path) override { return inner_.remove(path); }
  bool create_directory(const Path& path) override { return inner_.create_directory(path); }
  void sync_directory(const Path& directory) override { inner_.sync_directory(directory); }

 private:
  friend class MeteredReadHandle;
  friend class MeteredWriteHandle;

  // Bytes to move in one piece: all, or as many as the limit lets through in a quarter second.
  std::size_t piece(std::size_t size) const;
  // Waits until the bytes moved so far are within the limit.
  void pay(std::size_t bytes);

  FileSystem& inner_;
  Clock& clock_;
  std::function<void()> while_waiting_;
  std::int64_t limit_ = 0;
  std::int64_t paid_until_ms_ = 0;  // monotonic
  std::uint64_t bytes_read_ = 0;
  std::uint64_t bytes_written_ = 0;
};

}  // namespace tidesync
