#include "support/counting_file_system.h"

#include <iomanip>
#include <sstream>

namespace tidesync::test {

class CountingReadHandle : public ReadHandle {
 public:
  CountingReadHandle(CountingFileSystem& counter, std::unique_ptr<ReadHandle> inner)
      : counter_(counter), inner_(std::move(inner)) {}

  std::size_t read(char* buffer, std::size_t size) override {
    counter_.add(FsOp::kRead);
    const std::size_t got = inner_->read(buffer, size);
    counter_.bytes_read_ += got;
    return got;
  }
  void seek(std::uint64_t offset) override { inner_->seek(offset); }
  std::uint64_t size() const override { return inner_->size(); }

 private:
  CountingFileSystem& counter_;
  std::unique_ptr<ReadHandle> inner_;
};

class CountingWriteHandle : public WriteHandle {
 public:
  CountingWriteHandle(CountingFileSystem& counter, std::unique_ptr<WriteHandle> inner)
      : counter_(counter), inner_(std::move(inner)) {}

  void write(std::string_view bytes) override {
    counter_.add(FsOp::kWrite);
    inner_->write(bytes);
    counter_.bytes_written_ += bytes.size();
  }
  void sync() override {
    counter_.add(FsOp::kSync);
    inner_->sync();
  }
  void close() override {
    counter_.add(FsOp::kClose);
    inner_->close();
  }

 private:
  CountingFileSystem& counter_;
  std::unique_ptr<WriteHandle> inner_;
};

std::uint64_t CountingFileSystem::total() const {
  std::uint64_t sum = 0;
  for (const auto& count : counts_) sum += count;
  return sum;
}

void CountingFileSystem::reset() {
  for (auto& count : counts_) count = 0;
  bytes_read_ = 0;
  bytes_written_ = 0;
}

std::string CountingFileSystem::table() const {
  std::ostringstream out;
  const auto line = [&](std::string_view name, std::uint64_t number) {
    out << std::left << std::setw(14) << name << std::right << std::setw(12) << number << '\n';
  };
  for (std::size_t i = 0; i < kFsOpCount; ++i) {
    if (counts_[i] > 0) line(to_string(static_cast<FsOp>(i)), counts_[i]);
  }
  line("total", total());
  line("bytes read", bytes_read_);
  line("bytes written", bytes_written_);
  return out.str();
}

std::vector<DirEntry> CountingFileSystem::list(const Path& directory) {
  add(FsOp::kList);
  return inner_.list(directory);
}

std::optional<FileInfo> CountingFileSystem::stat(const Path& path) {
  add(FsOp::kStat);
  return inner_.stat(path);
}

std::unique_ptr<ReadHandle> CountingFileSystem::open_read(const Path& path) {
  add(FsOp::kOpenRead);
  auto handle = inner_.open_read(path);
  if (!handle) return nullptr;
  return std::make_unique<CountingReadHandle>(*this, std::move(handle));
}

std::unique_ptr<WriteHandle> CountingFileSystem::create_new(const Path& path) {
  add(FsOp::kCreateNew);
  return std::make_unique<CountingWriteHandle>(*this, inner_.create_new(path));
}

NameOutcome CountingFileSystem::link_new(const Path& from, const Path& to) {
  add(FsOp::kLink);
  return inner_.link_new(from, to);
}

NameOutcome CountingFileSystem::rename_directory_new(const Path& from, const Path& to) {
  add(FsOp::kRenameDirectory);
  return inner_.rename_directory_new(from, to);
}

void CountingFileSystem::rename_replacing(const Path& from, const Path& to) {
  add(FsOp::kRename);
  inner_.rename_replacing(from, to);
}

bool CountingFileSystem::remove(const Path& path) {
  add(FsOp::kRemove);
  return inner_.remove(path);
}

bool CountingFileSystem::create_directory(const Path& path) {
  add(FsOp::kCreateDirectory);
  return inner_.create_directory(path);
}

void CountingFileSystem::sync_directory(const Path& directory) {
  add(FsOp::kSyncDirectory);
  inner_.sync_directory(directory);
}

}  // namespace tidesync::test
