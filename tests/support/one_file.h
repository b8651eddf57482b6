// A file system whose every path is the same readable file; nothing can be written.
#pragma once

#include <string>

#include "base/file_system.h"

namespace tidesync::test {

class OneFile : public FileSystem {
 public:
  std::string content;  // not to be changed while a handle is open

  std::unique_ptr<ReadHandle> open_read(const Path& /*path*/) override {
    return std::make_unique<Handle>(content);
  }
  std::vector<DirEntry> list(const Path& /*directory*/) override { return {}; }
  std::optional<FileInfo> stat(const Path& /*path*/) override { return std::nullopt; }
  std::unique_ptr<WriteHandle> create_new(const Path& /*path*/) override { return nullptr; }
  NameOutcome link_new(const Path& /*from*/, const Path& /*to*/) override {
    return NameOutcome::kUnsupported;
  }
  NameOutcome rename_directory_new(const Path& /*from*/, const Path& /*to*/) override {
    return NameOutcome::kUnsupported;
  }
  void rename_replacing(const Path& /*from*/, const Path& /*to*/) override {}
  bool remove(const Path& /*path*/) override { return false; }
  bool create_directory(const Path& /*path*/) override { return false; }
  void sync_directory(const Path& /*directory*/) override {}

 private:
  class Handle : public ReadHandle {
   public:
    explicit Handle(const std::string& content) : content_(content) {}
    std::size_t read(char* buffer, std::size_t size) override {
      const std::size_t got = offset_ >= content_.size() ? 0 : content_.copy(buffer, size, offset_);
      offset_ += got;
      return got;
    }
    void seek(std::uint64_t offset) override { offset_ = static_cast<std::size_t>(offset); }
    std::uint64_t size() const override { return content_.size(); }

   private:
    const std::string& content_;
    std::size_t offset_ = 0;
  };
};

}  // namespace tidesync::test
