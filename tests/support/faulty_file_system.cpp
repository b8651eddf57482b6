#include "support/faulty_file_system.h"

#include <memory>

namespace tidesync::test {
namespace {

using Kind = FaultAction::Kind;

bool gives_a_name(FsOp op) {
  return op == FsOp::kLink || op == FsOp::kRenameDirectory;
}

bool only_looks(FsOp op) {
  return op == FsOp::kList || op == FsOp::kStat || op == FsOp::kOpenRead || op == FsOp::kRead;
}

bool makes_sense(Kind kind, FsOp op) {
  switch (kind) {
    case Kind::kPass:
    case Kind::kFailBefore:
    case Kind::kFailAfter:
      return true;
    case Kind::kFailHalfway:
      return op == FsOp::kWrite;
    case Kind::kLoseAndSayDone:
      return !only_looks(op);
    case Kind::kLater:
    case Kind::kAnswer:
      return gives_a_name(op);
    case Kind::kSayAbsent:
      return only_looks(op) && op != FsOp::kRead;
    case Kind::kSayOlder:
      return op == FsOp::kList;
  }
  return false;
}

[[noreturn]] void fail(ErrorCode code, FsOp op, const Path& path) {
  throw Error(code, std::string(to_string(op)), to_utf8(path), "simulated failure");
}

void fail_if_after(const FaultAction& action, FsOp op, const Path& path) {
  if (action.kind == Kind::kFailAfter) fail(action.code, op, path);
}

// Of a file that was never made.
class LostWriteHandle : public WriteHandle {
 public:
  void write(std::string_view) override {}
  void sync() override {}
  void close() override {}
};

}  // namespace

class FaultyReadHandle : public ReadHandle {
 public:
  FaultyReadHandle(FaultyFileSystem& faulty, std::unique_ptr<ReadHandle> inner, Path path)
      : faulty_(faulty), inner_(std::move(inner)), path_(std::move(path)) {}

  std::size_t read(char* buffer, std::size_t size) override {
    const FaultAction action = faulty_.ask(FsOp::kRead, path_, {}, size);
    const std::size_t got = inner_->read(buffer, size);
    fail_if_after(action, FsOp::kRead, path_);
    return got;
  }
  void seek(std::uint64_t offset) override { inner_->seek(offset); }
  std::uint64_t size() const override { return inner_->size(); }

 private:
  FaultyFileSystem& faulty_;
  std::unique_ptr<ReadHandle> inner_;
  Path path_;
};

class FaultyWriteHandle : public WriteHandle {
 public:
  FaultyWriteHandle(FaultyFileSystem& faulty, std::unique_ptr<WriteHandle> inner, Path path)
      : faulty_(faulty), inner_(std::move(inner)), path_(std::move(path)) {}

  void write(std::string_view bytes) override {
    const FaultAction action = faulty_.ask(FsOp::kWrite, path_, {}, bytes.size());
    if (action.kind == Kind::kLoseAndSayDone) return;
    if (action.kind == Kind::kFailHalfway) {
      inner_->write(bytes.substr(0, bytes.size() / 2));
      fail(action.code, FsOp::kWrite, path_);
    }
    inner_->write(bytes);
    fail_if_after(action, FsOp::kWrite, path_);
  }

  void sync() override {
    const FaultAction action = faulty_.ask(FsOp::kSync, path_);
    if (action.kind == Kind::kLoseAndSayDone) return;
    inner_->sync();
    fail_if_after(action, FsOp::kSync, path_);
  }

  void close() override {
    const FaultAction action = faulty_.ask(FsOp::kClose, path_);
    if (action.kind == Kind::kLoseAndSayDone) return;
    inner_->close();
    fail_if_after(action, FsOp::kClose, path_);
  }

 private:
  FaultyFileSystem& faulty_;
  std::unique_ptr<WriteHandle> inner_;
  Path path_;
};

FaultHook at_call(std::uint64_t k, FaultAction action) {
  return [=](const FsCall& call) { return call.number == k ? action : FaultAction::pass(); };
}

FaultHook at_op(FsOp op, std::uint64_t k, FaultAction action) {
  return [=, seen = std::uint64_t{0}](const FsCall& call) mutable {
    return call.op == op && ++seen == k ? action : FaultAction::pass();
  };
}

FaultHook at_every(FsOp op, FaultAction action) {
  return [=](const FsCall& call) { return call.op == op ? action : FaultAction::pass(); };
}

FaultHook crash_at_call(std::uint64_t k) {
  return [=](const FsCall& call) {
    if (call.number >= k) throw SimulatedCrash();
    return FaultAction::pass();
  };
}

FaultHook disk_full_at(FsOp op) {
  return at_every(op, FaultAction::fail_before(ErrorCode::kDiskFull));
}

void FaultyFileSystem::set_hook(FaultHook hook) {
  const std::lock_guard lock(mutex_);
  hook_ = std::move(hook);
  calls_ = 0;
}

std::uint64_t FaultyFileSystem::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::size_t FaultyFileSystem::delayed_count() const {
  const std::lock_guard lock(mutex_);
  return delayed_.size();
}

FaultAction FaultyFileSystem::ask(FsOp op, const Path& path, const Path& second_path,
                                  std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  const FsCall call{op, path, second_path, bytes, ++calls_};
  if (!hook_) return FaultAction::pass();
  const FaultAction action = hook_(call);
  if (!makes_sense(action.kind, op)) {
    throw std::logic_error("a fault that " + std::string(to_string(op)) + " cannot have");
  }
  if (action.kind == Kind::kFailBefore) fail(action.code, op, path);
  if (action.kind == Kind::kLater) delayed_.push_back(call);
  return action;
}

std::vector<NameOutcome> FaultyFileSystem::land_delayed() {
  std::vector<FsCall> landing;
  {
    const std::lock_guard lock(mutex_);
    landing.swap(delayed_);
  }
  std::vector<NameOutcome> outcomes;
  for (const FsCall& call : landing) {
    try {
      outcomes.push_back(give_name_inside(call.op, call.path, call.second_path));
    } catch (const Error&) {
      outcomes.push_back(NameOutcome::kUnknown);
    }
  }
  return outcomes;
}

std::vector<DirEntry> FaultyFileSystem::list(const Path& directory) {
  const FaultAction action = ask(FsOp::kList, directory);
  if (action.kind == Kind::kSayAbsent) fail(ErrorCode::kNotFound, FsOp::kList, directory);
  if (action.kind == Kind::kSayOlder) {
    const std::lock_guard lock(mutex_);
    return listings_[directory];
  }
  auto entries = inner_.list(directory);
  fail_if_after(action, FsOp::kList, directory);
  const std::lock_guard lock(mutex_);
  listings_[directory] = entries;
  return entries;
}

std::optional<FileInfo> FaultyFileSystem::stat(const Path& path) {
  const FaultAction action = ask(FsOp::kStat, path);
  if (action.kind == Kind::kSayAbsent) return std::nullopt;
  const auto info = inner_.stat(path);
  fail_if_after(action, FsOp::kStat, path);
  return info;
}

std::unique_ptr<ReadHandle> FaultyFileSystem::open_read(const Path& path) {
  const FaultAction action = ask(FsOp::kOpenRead, path);
  if (action.kind == Kind::kSayAbsent) return nullptr;
  auto handle = inner_.open_read(path);
  fail_if_after(action, FsOp::kOpenRead, path);
  if (!handle) return nullptr;
  return std::make_unique<FaultyReadHandle>(*this, std::move(handle), path);
}

std::unique_ptr<WriteHandle> FaultyFileSystem::create_new(const Path& path) {
  const FaultAction action = ask(FsOp::kCreateNew, path);
  std::unique_ptr<WriteHandle> handle;
  if (action.kind == Kind::kLoseAndSayDone) {
    handle = std::make_unique<LostWriteHandle>();
  } else {
    handle = inner_.create_new(path);
  }
  fail_if_after(action, FsOp::kCreateNew, path);
  return std::make_unique<FaultyWriteHandle>(*this, std::move(handle), path);
}

NameOutcome FaultyFileSystem::give_name_inside(FsOp op, const Path& from, const Path& to) {
  return op == FsOp::kLink ? inner_.link_new(from, to) : inner_.rename_directory_new(from, to);
}

NameOutcome FaultyFileSystem::give_name(FsOp op, const Path& from, const Path& to) {
  const FaultAction action = ask(op, from, to);
  switch (action.kind) {
    case Kind::kLater:
      return NameOutcome::kUnknown;
    case Kind::kLoseAndSayDone:
      return NameOutcome::kCreated;
    case Kind::kAnswer:
      return action.outcome;
    case Kind::kFailAfter:
      give_name_inside(op, from, to);
      return NameOutcome::kUnknown;
    default:
      return give_name_inside(op, from, to);
  }
}

NameOutcome FaultyFileSystem::link_new(const Path& from, const Path& to) {
  return give_name(FsOp::kLink, from, to);
}

NameOutcome FaultyFileSystem::rename_directory_new(const Path& from, const Path& to) {
  return give_name(FsOp::kRenameDirectory, from, to);
}

void FaultyFileSystem::rename_replacing(const Path& from, const Path& to) {
  const FaultAction action = ask(FsOp::kRename, from, to);
  if (action.kind == Kind::kLoseAndSayDone) return;
  inner_.rename_replacing(from, to);
  fail_if_after(action, FsOp::kRename, to);
}

bool FaultyFileSystem::remove(const Path& path) {
  const FaultAction action = ask(FsOp::kRemove, path);
  if (action.kind == Kind::kLoseAndSayDone) return true;
  const bool removed = inner_.remove(path);
  fail_if_after(action, FsOp::kRemove, path);
  return removed;
}

bool FaultyFileSystem::create_directory(const Path& path) {
  const FaultAction action = ask(FsOp::kCreateDirectory, path);
  if (action.kind == Kind::kLoseAndSayDone) return true;
  const bool created = inner_.create_directory(path);
  fail_if_after(action, FsOp::kCreateDirectory, path);
  return created;
}

void FaultyFileSystem::sync_directory(const Path& directory) {
  const FaultAction action = ask(FsOp::kSyncDirectory, directory);
  if (action.kind == Kind::kLoseAndSayDone) return;
  inner_.sync_directory(directory);
  fail_if_after(action, FsOp::kSyncDirectory, directory);
}

}  // namespace tidesync::test
