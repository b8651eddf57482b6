#include "metered_share.h"

#include "meter.h"

namespace tidesync::bench {
namespace {

class Reader : public ReadHandle {
 public:
  explicit Reader(std::unique_ptr<ReadHandle> inner) : inner_(std::move(inner)) {}

  std::size_t read(char* buffer, std::size_t size) override {
    meter().operation();
    const std::size_t got = inner_->read(buffer, size);
    meter().read(got);
    return got;
  }
  void seek(std::uint64_t offset) override { inner_->seek(offset); }
  std::uint64_t size() const override { return inner_->size(); }

 private:
  std::unique_ptr<ReadHandle> inner_;
};

class Writer : public WriteHandle {
 public:
  explicit Writer(std::unique_ptr<WriteHandle> inner) : inner_(std::move(inner)) {}

  void write(std::string_view bytes) override {
    meter().operation();
    inner_->write(bytes);
    meter().wrote(bytes.size());
  }
  void sync() override {
    meter().operation();
    inner_->sync();
  }
  void close() override {
    meter().operation();
    inner_->close();
  }

 private:
  std::unique_ptr<WriteHandle> inner_;
};

}  // namespace

std::vector<DirEntry> MeteredShare::list(const Path& directory) {
  meter().operation();
  return inner_.list(directory);
}

std::optional<FileInfo> MeteredShare::stat(const Path& path) {
  meter().operation();
  return inner_.stat(path);
}

std::unique_ptr<ReadHandle> MeteredShare::open_read(const Path& path) {
  meter().operation();
  auto handle = inner_.open_read(path);
  if (!handle) return nullptr;
  return std::make_unique<Reader>(std::move(handle));
}

std::unique_ptr<WriteHandle> MeteredShare::create_new(const Path& path) {
  meter().operation();
  return std::make_unique<Writer>(inner_.create_new(path));
}

NameOutcome MeteredShare::link_new(const Path& from, const Path& to) {
  meter().operation();
  return inner_.link_new(from, to);
}

NameOutcome MeteredShare::rename_directory_new(const Path& from, const Path& to) {
  meter().operation();
  return inner_.rename_directory_new(from, to);
}

void MeteredShare::rename_replacing(const Path& from, const Path& to) {
  meter().operation();
  inner_.rename_replacing(from, to);
}

bool MeteredShare::remove(const Path& path) {
  meter().operation();
  return inner_.remove(path);
}

bool MeteredShare::create_directory(const Path& path) {
  meter().operation();
  return inner_.create_directory(path);
}

void MeteredShare::sync_directory(const Path& directory) {
  meter().operation();
  inner_.sync_directory(directory);
}

}  // namespace tidesync::bench
