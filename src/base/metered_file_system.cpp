#include "base/metered_file_system.h"

#include <algorithm>

namespace tidesync {
namespace {

constexpr std::int64_t kPieceMs = 250;
constexpr std::int64_t kSecondMs = 1000;

}  // namespace

class MeteredReadHandle : public ReadHandle {
 public:
  MeteredReadHandle(MeteredFileSystem& meter, std::unique_ptr<ReadHandle> inner)
      : meter_(meter), inner_(std::move(inner)) {}

  std::size_t read(char* buffer, std::size_t size) override {
    std::size_t done = 0;
    while (done < size) {
      const std::size_t wanted = meter_.piece(size - done);
      const std::size_t got = inner_->read(buffer + done, wanted);
      meter_.bytes_read_ += got;
      meter_.pay(got);
      done += got;
      if (got < wanted) break;
    }
    return done;
  }
  void seek(std::uint64_t offset) override { inner_->seek(offset); }
  std::uint64_t size() const override { return inner_->size(); }

 private:
  MeteredFileSystem& meter_;
  std::unique_ptr<ReadHandle> inner_;
};

class MeteredWriteHandle : public WriteHandle {
 public:
  MeteredWriteHandle(MeteredFileSystem& meter, std::unique_ptr<WriteHandle> inner)
      : meter_(meter), inner_(std::move(inner)) {}

  void write(std::string_view bytes) override {
    do {
      const std::size_t size = meter_.piece(bytes.size());
      inner_->write(bytes.substr(0, size));
      meter_.bytes_written_ += size;
      meter_.pay(size);
      bytes.remove_prefix(size);
    } while (!bytes.empty());
  }
  void sync() override { inner_->sync(); }
  void close() override { inner_->close(); }

 private:
  MeteredFileSystem& meter_;
  std::unique_ptr<WriteHandle> inner_;
};

std::unique_ptr<ReadHandle> MeteredFileSystem::open_read(const Path& path) {
  auto inner = inner_.open_read(path);
  if (!inner) return nullptr;
  return std::make_unique<MeteredReadHandle>(*this, std::move(inner));
}

std::unique_ptr<WriteHandle> MeteredFileSystem::create_new(const Path& path) {
  return std::make_unique<MeteredWriteHandle>(*this, inner_.create_new(path));
}

std::size_t MeteredFileSystem::piece(std::size_t size) const {
  if (limit_ == 0) return size;
  const std::int64_t most = std::max<std::int64_t>(1, limit_ * kPieceMs / kSecondMs);
  return std::min(size, static_cast<std::size_t>(most));
}

void MeteredFileSystem::pay(std::size_t bytes) {
  if (limit_ == 0) return;
  // Time that was not used is not saved up: the limit holds for every second.
  paid_until_ms_ = std::max(paid_until_ms_, clock_.monotonic_ms()) +
                   static_cast<std::int64_t>(bytes) * kSecondMs / limit_;
  for (;;) {
    const std::int64_t left_ms = paid_until_ms_ - clock_.monotonic_ms();
    if (left_ms <= 0) return;
    if (while_waiting_) while_waiting_();
    clock_.sleep_ms(std::min(left_ms, kPieceMs));
  }
}

}  // namespace tidesync
