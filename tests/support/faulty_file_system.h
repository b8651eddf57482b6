// A decorator that breaks operations: a hook looks at every call and says what becomes of it.
//
// Deterministic: the only memory is the running number of calls, the calls that are to land later
// and the listings already given. A fleet simulator gives every node a FaultyFileSystem of its own
// over one shared file system, so that each has its own network and its own caches.
//
// Thread rule: any thread; the hook is called by one at a time and must not call the file system.
// Must outlive the handles it gave out.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "base/error.h"
#include "base/file_system.h"
#include "support/fs_call.h"

namespace tidesync::test {

struct FaultAction {
  enum class Kind {
    kPass,            // nothing special
    kFailBefore,      // throws; nothing happened
    kFailHalfway,     // write only: half the bytes arrive, then throws
    kFailAfter,       // takes effect, then throws; link and rename_dir answer kUnknown instead
    kLoseAndSayDone,  // reports success; nothing happened (not for list, stat, open, read)
    kLater,           // link and rename_dir only: answers kUnknown, happens in land_delayed()
    kSayAbsent,       // stat, open, list only: as if nothing had that name
    kSayOlder,        // list only: what this decorator last answered for the folder, or nothing
    kAnswer,          // link and rename_dir only: answers `outcome`; nothing happened
  };
  Kind kind = Kind::kPass;
  ErrorCode code = ErrorCode::kIo;
  NameOutcome outcome = NameOutcome::kUnknown;

  static FaultAction pass() { return {}; }
  static FaultAction fail_before(ErrorCode code = ErrorCode::kIo) {
    return {Kind::kFailBefore, code, {}};
  }
  static FaultAction fail_halfway(ErrorCode code = ErrorCode::kIo) {
    return {Kind::kFailHalfway, code, {}};
  }
  static FaultAction fail_after(ErrorCode code = ErrorCode::kIo) {
    return {Kind::kFailAfter, code, {}};
  }
  static FaultAction lose_and_say_done() { return {Kind::kLoseAndSayDone, {}, {}}; }
  static FaultAction later() { return {Kind::kLater, {}, {}}; }
  static FaultAction say_absent() { return {Kind::kSayAbsent, {}, {}}; }
  static FaultAction say_older() { return {Kind::kSayOlder, {}, {}}; }
  static FaultAction answer(NameOutcome outcome) { return {Kind::kAnswer, {}, outcome}; }
};

// Called before every operation. May throw, for instance SimulatedCrash.
using FaultHook = std::function<FaultAction(const FsCall&)>;

// The process is gone. Not an Error and no std::exception, so that nobody handles it by mistake.
struct SimulatedCrash {};

// `action` for the call with running number `k`.
FaultHook at_call(std::uint64_t k, FaultAction action);
// `action` for the k-th call of that kind (1 is the first).
FaultHook at_op(FsOp op, std::uint64_t k, FaultAction action);
// `action` for every call of that kind.
FaultHook at_every(FsOp op, FaultAction action);
// From the k-th call on nothing happens any more: every call throws SimulatedCrash.
FaultHook crash_at_call(std::uint64_t k);
// The disk is full, which shows at write, sync or close.
FaultHook disk_full_at(FsOp op);

class FaultyFileSystem : public FileSystem {
 public:
  explicit FaultyFileSystem(FileSystem& inner, FaultHook hook = {})
      : inner_(inner), hook_(std::move(hook)) {}

  // Replaces the hook; an empty one lets everything pass. The running number starts again at 1.
  void set_hook(FaultHook hook);
  // Calls seen since the last set_hook.
  std::uint64_t calls() const;

  // Carries out the delayed calls, oldest first, and forgets them. The outcome of each; kUnknown
  // for one that could not be made any more (its source is gone).
  std::vector<NameOutcome> land_delayed();
  std::size_t delayed_count() const;

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
  friend class FaultyReadHandle;
  friend class FaultyWriteHandle;

  // Asks the hook and throws for kFailBefore, and std::logic_error for a kind that makes no sense
  // for the operation.
  FaultAction ask(FsOp op, const Path& path, const Path& second_path = {}, std::uint64_t bytes = 0);
  NameOutcome give_name(FsOp op, const Path& from, const Path& to);
  NameOutcome give_name_inside(FsOp op, const Path& from, const Path& to);

  FileSystem& inner_;
  mutable std::mutex mutex_;  // of all below
  FaultHook hook_;
  std::uint64_t calls_ = 0;
  std::vector<FsCall> delayed_;
  std::map<Path, std::vector<DirEntry>> listings_;
};

}  // namespace tidesync::test
