// Between a contender and the files on the share: tells meter() of every operation, which counts
// it and makes it as slow as a network would. An operation is what tests/support's
// CountingFileSystem counts.
#pragma once

#include "base/file_system.h"

namespace tidesync::bench {

class MeteredShare : public FileSystem {
 public:
  explicit MeteredShare(FileSystem& inner) : inner_(inner) {}

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
  FileSystem& inner_;
};

}  // namespace tidesync::bench
