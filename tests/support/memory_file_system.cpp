#include "support/memory_file_system.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace tidesync::test {
namespace {

[[noreturn]] void fail(ErrorCode code, const char* operation, const Path& path,
                       const char* detail) {
  throw Error(code, operation, to_utf8(path), detail);
}

[[noreturn]] void fail_absent(const char* operation, const Path& path) {
  fail(ErrorCode::kNotFound, operation, path, "No such file or directory");
}

std::vector<std::string> names_of(const Path& path) {
  std::vector<std::string> names;
  for (const Path& part : path.lexically_normal().relative_path()) {
    const std::string name = to_utf8(part);
    if (!name.empty() && name != "." && name != "/") names.push_back(name);
  }
  return names;
}

class MemoryReadHandle : public ReadHandle {
 public:
  explicit MemoryReadHandle(std::shared_ptr<const std::string> content)
      : content_(std::move(content)) {}

  std::size_t read(char* buffer, std::size_t size) override {
    if (offset_ >= content_->size()) return 0;
    const auto offset = static_cast<std::size_t>(offset_);
    const std::size_t count = std::min(size, content_->size() - offset);
    std::memcpy(buffer, content_->data() + offset, count);
    offset_ += count;
    return count;
  }
  void seek(std::uint64_t offset) override { offset_ = offset; }
  std::uint64_t size() const override { return content_->size(); }

 private:
  std::shared_ptr<const std::string> content_;
  std::uint64_t offset_ = 0;
};

}  // namespace

class MemoryWriteHandle : public WriteHandle {
 public:
  MemoryWriteHandle(MemoryFileSystem& fs, std::shared_ptr<MemoryFileSystem::File> file, Path path)
      : fs_(fs), file_(std::move(file)), path_(std::move(path)) {}

  void write(std::string_view bytes) override {
    require_open("write");
    fs_.append(*file_, bytes);
  }
  void sync() override { require_open("sync"); }
  void close() override {
    require_open("close");
    file_.reset();
  }

 private:
  void require_open(const char* operation) const {
    if (!file_) fail(ErrorCode::kIo, operation, path_, "Bad file descriptor");
  }

  MemoryFileSystem& fs_;
  std::shared_ptr<MemoryFileSystem::File> file_;
  Path path_;
};

MemoryFileSystem::Place MemoryFileSystem::find(const Path& path) {
  Place place{&root_, "", &root_};
  for (const std::string& name : names_of(path)) {
    if (place.node == nullptr || !place.node->is_directory()) return Place{nullptr, name, nullptr};
    place.directory = place.node;
    place.name = name;
    const auto found = place.directory->children.find(name);
    place.node = found == place.directory->children.end() ? nullptr : found->second.get();
  }
  return place;
}

MemoryFileSystem::Place MemoryFileSystem::find_in_folder(const Path& path, const char* operation) {
  Place place = find(path);
  if (place.directory == nullptr) fail_absent(operation, path);
  return place;
}

void MemoryFileSystem::put(const Place& place, std::unique_ptr<Node> node) {
  place.directory->children[place.name] = std::move(node);
  place.directory->modified_ms = now_ms();
}

std::unique_ptr<MemoryFileSystem::Node> MemoryFileSystem::take(const Place& place) {
  const auto found = place.directory->children.find(place.name);
  auto node = std::move(found->second);
  place.directory->children.erase(found);
  place.directory->modified_ms = now_ms();
  return node;
}

void MemoryFileSystem::append(File& file, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  if (file.content_was_opened) {
    file.content = std::make_shared<std::string>(*file.content);
    file.content_was_opened = false;
  }
  file.content->append(bytes);
  file.modified_ms = now_ms();
}

std::vector<DirEntry> MemoryFileSystem::list(const Path& directory) {
  const std::lock_guard lock(mutex_);
  const Place place = find(directory);
  if (place.node == nullptr || !place.node->is_directory()) fail_absent("list", directory);
  std::vector<DirEntry> entries;
  for (const auto& [name, child] : place.node->children) {
    const std::uint64_t size = child->is_directory() ? 0 : child->file->content->size();
    entries.push_back(DirEntry{name, child->is_directory(), size});
  }
  return entries;
}

std::optional<FileInfo> MemoryFileSystem::stat(const Path& path) {
  const std::lock_guard lock(mutex_);
  const Node* node = find(path).node;
  if (node == nullptr) return std::nullopt;
  if (node->is_directory()) return FileInfo{true, 0, node->modified_ms};
  return FileInfo{false, node->file->content->size(), node->file->modified_ms};
}

std::unique_ptr<ReadHandle> MemoryFileSystem::open_read(const Path& path) {
  const std::lock_guard lock(mutex_);
  const Node* node = find(path).node;
  if (node == nullptr) return nullptr;
  if (node->is_directory()) fail(ErrorCode::kIo, "open", path, "Is a directory");
  node->file->content_was_opened = true;
  return std::make_unique<MemoryReadHandle>(node->file->content);
}

std::unique_ptr<WriteHandle> MemoryFileSystem::create_new(const Path& path) {
  const std::lock_guard lock(mutex_);
  const Place place = find_in_folder(path, "create");
  if (place.node != nullptr) fail(ErrorCode::kAlreadyExists, "create", path, "File exists");
  auto node = std::make_unique<Node>();
  node->file = std::make_shared<File>();
  node->file->modified_ms = now_ms();
  auto handle = std::make_unique<MemoryWriteHandle>(*this, node->file, path);
  put(place, std::move(node));
  return handle;
}

NameOutcome MemoryFileSystem::link_new(const Path& from, const Path& to) {
  const std::lock_guard lock(mutex_);
  const Node* source = find(from).node;
  if (source == nullptr) fail_absent("link", to);
  const Place target = find_in_folder(to, "link");
  if (target.node != nullptr) return NameOutcome::kExists;
  if (source->is_directory()) return NameOutcome::kUnsupported;
  auto node = std::make_unique<Node>();
  node->file = source->file;
  put(target, std::move(node));
  return NameOutcome::kCreated;
}

NameOutcome MemoryFileSystem::rename_directory_new(const Path& from, const Path& to) {
  const std::lock_guard lock(mutex_);
  const Place source = find(from);
  const Place target = find(to);
  if (source.node == nullptr && target.node != nullptr) return NameOutcome::kUnknown;
  if (source.node == nullptr || target.directory == nullptr) fail_absent("rename", to);
  if (!source.node->is_directory()) return NameOutcome::kExists;  // ENOTDIR
  if (source.node == target.node) return NameOutcome::kCreated;
  if (target.node != nullptr && (!target.node->is_directory() || !target.node->children.empty())) {
    return NameOutcome::kExists;
  }
  const auto outer = names_of(from);
  const auto inner = names_of(to);
  const bool into_itself =
      outer.size() < inner.size() && std::equal(outer.begin(), outer.end(), inner.begin());
  if (into_itself) return NameOutcome::kUnsupported;  // EINVAL
  put(target, take(source));
  return NameOutcome::kCreated;
}

void MemoryFileSystem::rename_replacing(const Path& from, const Path& to) {
  const std::lock_guard lock(mutex_);
  const Place source = find(from);
  if (source.node == nullptr) fail_absent("rename", to);
  const Place target = find_in_folder(to, "rename");
  if (source.node->is_directory()) fail(ErrorCode::kIo, "rename", to, "Is a directory");
  if (target.node != nullptr) {
    if (target.node->is_directory()) fail(ErrorCode::kIo, "rename", to, "Is a directory");
    if (target.node->file == source.node->file) return;  // as rename(2) says
  }
  put(target, take(source));
}

bool MemoryFileSystem::remove(const Path& path) {
  const std::lock_guard lock(mutex_);
  const Place place = find(path);
  if (place.node == nullptr) return false;
  if (!place.node->children.empty() || place.node == &root_) {
    fail(ErrorCode::kIo, "remove", path, "the folder is not empty");
  }
  take(place);
  return true;
}

bool MemoryFileSystem::create_directory(const Path& path) {
  const std::lock_guard lock(mutex_);
  const Place place = find_in_folder(path, "create folder");
  if (place.node != nullptr) return false;
  auto node = std::make_unique<Node>();
  node->modified_ms = now_ms();
  put(place, std::move(node));
  return true;
}

void MemoryFileSystem::sync_directory(const Path& directory) {
  const std::lock_guard lock(mutex_);
  const Place place = find(directory);
  if (place.node == nullptr || !place.node->is_directory()) fail_absent("sync folder", directory);
}

}  // namespace tidesync::test
