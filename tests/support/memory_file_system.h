// A file system in memory that keeps the contract of base/file_system.h: what the simulator's fleet
// shares, and what unit tests run on.
//
// Paths are taken from one root, relative and absolute ones alike ("a/b" is "/a/b"). A file's
// content is shared by its hard links; a read handle sees the content of the moment it was opened,
// a write handle goes on writing to its file whatever becomes of the name. list() gives names in
// byte order, so that runs repeat. A rename onto an empty directory succeeds, as on POSIX.
//
// Thread rule: any thread, by one mutex.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/file_system.h"

namespace tidesync::test {

class MemoryFileSystem : public FileSystem {
 public:
  // Without a clock every modification is at 0.
  MemoryFileSystem() = default;
  explicit MemoryFileSystem(Clock& clock) : clock_(&clock) {}

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
  friend class MemoryWriteHandle;

  struct File {
    std::shared_ptr<std::string> content = std::make_shared<std::string>();
    bool content_was_opened = false;  // a reader may hold `content`: copy before changing it
    std::int64_t modified_ms = 0;
  };
  // A file or a directory.
  struct Node {
    std::shared_ptr<File> file;  // null for a directory
    std::map<std::string, std::unique_ptr<Node>> children;
    std::int64_t modified_ms = 0;  // of a directory
    bool is_directory() const { return file == nullptr; }
  };
  // Where a path leads: the directory that holds its last name, and that name.
  struct Place {
    Node* directory = nullptr;  // null when a folder on the way is missing
    std::string name;           // empty for the root
    Node* node = nullptr;       // null when nothing has the name
  };

  Place find(const Path& path);
  // find, but throws kNotFound when the folder is missing.
  Place find_in_folder(const Path& path, const char* operation);
  void put(const Place& place, std::unique_ptr<Node> node);
  std::unique_ptr<Node> take(const Place& place);
  std::int64_t now_ms() { return clock_ == nullptr ? 0 : clock_->now_ms(); }
  void append(File& file, std::string_view bytes);

  std::mutex mutex_;
  Node root_;
  Clock* clock_ = nullptr;
};

}  // namespace tidesync::test
