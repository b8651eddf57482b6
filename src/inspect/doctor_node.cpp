// The folder beside the database: configuration, lock, base copy, spool, and room on the disk.
#include "base/text.h"
#include "inspect/doctor_parts.h"

namespace tidesync {
namespace {

constexpr std::uint64_t kLeastFreeBytes = 100u << 20;
constexpr std::uint64_t kLargeSpoolBytes = std::uint64_t{2} << 30;

void check_config(Examination& it) {
  it.attempt("config", [&] {
    it.config = read_config(it.env.local, it.paths.config);
    it.ok("config", "node " + it.config->node.value + ", share " + to_utf8(it.config->share));
    if (!it.local || !it.is_attached) return;
    const std::string node = it.local->get_meta("node");
    if (node != it.config->node.value) {
      it.warning(
          "config",
          "the database says that it is node " + node +
              ": it was copied from another "
              "computer",
          "If that was meant, run tidesync now: it goes on as " + it.config->node.value + ".");
    }
  });
}

// An existing file only, and with the words that a run leaves in it: doctor changes nothing.
void check_lock(Examination& it) {
  if (!it.env.local.stat(it.paths.lock)) return;
  it.attempt("lock", [&] {
    it.lock = ProcessLock::try_acquire(it.paths.lock, "held by a running tidesync");
    it.sync_is_running = !it.lock;
    it.ok("lock", it.sync_is_running ? "a sync is running at this moment" : "no sync is running");
  });
}

void check_writable(Examination& it) {
  it.attempt("folder", [&] {
    const Path file = it.paths.folder / ("doctor-" + make_uuid(it.env.random));
    write_new_file(it.env.local, file, "tidesync doctor");
    it.env.local.remove(file);
    it.ok("folder", to_utf8(it.paths.folder) + " can be written");
  });
}

void check_disk(Examination& it) {
  const MountFacts mount = it.mount_of(it.paths.database);
  if (!mount.free_bytes) return;
  const std::string text = display_size(*mount.free_bytes) + " free on this computer";
  if (*mount.free_bytes < kLeastFreeBytes) {
    it.warning("disk", text, "Free space: a sync needs room for batches and a copy of the data.");
  } else {
    it.ok("disk", text);
  }
}

void check_base(Examination& it) {
  if (it.sync_is_running) return;
  if (!it.env.local.stat(it.paths.base)) {
    it.warning("base_copy", "base.db is missing",
               "Run tidesync now: it is made anew from the share.");
    return;
  }
  const bool opened = it.attempt("base_copy", [&] {
    it.base = std::make_unique<Base>(it.paths.base);
    const Cursor here = it.local && it.is_attached ? it.local->cursor() : it.base->cursor();
    const std::string at = "batch " + std::to_string(it.base->cursor().seq.value);
    if (here == it.base->cursor()) {
      it.ok("base_copy", "at " + at);
    } else {
      it.warning("base_copy",
                 "at " + at + ", the database at batch " + std::to_string(here.seq.value) +
                     ": a sync was stopped, or the database was restored",
                 "Run tidesync now: it settles this by itself.");
    }
  });
  if (!opened) it.base.reset();
}

void check_spool(Examination& it) {
  it.attempt("spool", [&] {
    std::uint64_t bytes = 0;
    std::uint64_t files = 0;
    for (const DirEntry& entry : it.env.local.list(it.paths.spool)) {
      bytes += entry.size;
      ++files;
    }
    const std::string text = with_thousands(files) + " batches kept here, " + display_size(bytes);
    if (bytes > kLargeSpoolBytes) {
      it.warning("spool", text, "Nothing has to be done; old ones go by themselves.");
    } else {
      it.ok("spool", text);
    }
  });
}

}  // namespace

void examine_node(Examination& it) {
  if (!it.env.local.stat(it.paths.folder)) {
    if (it.is_attached)
      it.problem("folder", to_utf8(it.paths.folder) + " is missing",
                 "See \"The folder is lost\" in docs/operations.md.");
    return;
  }
  check_config(it);
  check_lock(it);
  check_writable(it);
  check_disk(it);
  check_base(it);
  check_spool(it);
}

}  // namespace tidesync
