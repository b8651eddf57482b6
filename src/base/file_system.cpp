#include "base/file_system.h"

#include "base/error.h"

namespace tidesync {
namespace {

void remove_quietly(FileSystem& fs, const Path& path) {
  try {
    fs.remove(path);
  } catch (const std::exception&) {
    // The first failure is the one to report; a left-over temporary file harms nobody.
  }
}

[[noreturn]] void throw_too_large(const Path& path, std::uint64_t size, std::uint64_t limit) {
  throw Error(ErrorCode::kDamaged, "read", to_utf8(path),
              "the file has at least " + std::to_string(size) + " bytes, more than the " +
                  std::to_string(limit) + " such a file may have");
}

bool is_directory(FileSystem& fs, const Path& path) {
  const auto info = fs.stat(path);
  return info && info->is_directory;
}

}  // namespace

std::optional<std::string> read_file(FileSystem& fs, const Path& path, std::uint64_t limit_bytes) {
  const auto handle = fs.open_read(path);
  if (!handle) return std::nullopt;
  if (handle->size() > limit_bytes) throw_too_large(path, handle->size(), limit_bytes);
  // The size may be older than the content (a network's attribute cache), so one byte more than
  // that is asked for, in one operation, and reading goes on while reads come back full.
  std::string bytes;
  std::size_t wanted = static_cast<std::size_t>(handle->size()) + 1;
  for (;;) {
    const std::size_t before = bytes.size();
    bytes.resize(before + wanted);
    const std::size_t got = handle->read(bytes.data() + before, wanted);
    bytes.resize(before + got);
    if (bytes.size() > limit_bytes) throw_too_large(path, bytes.size(), limit_bytes);
    if (got < wanted) return bytes;
    wanted = kCopyChunkBytes;
  }
}

void write_new_file(FileSystem& fs, const Path& path, std::string_view bytes, bool durable) {
  auto handle = fs.create_new(path);
  try {
    handle->write(bytes);
    if (durable) handle->sync();
    handle->close();
  } catch (...) {
    handle.reset();
    remove_quietly(fs, path);
    throw;
  }
}

void replace_file(FileSystem& fs, const Path& temporary, const Path& path, std::string_view bytes,
                  bool durable) {
  try {
    write_new_file(fs, temporary, bytes, durable);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kAlreadyExists) throw;
    fs.remove(temporary);  // left by a crash of ours
    write_new_file(fs, temporary, bytes, durable);
  }
  try {
    fs.rename_replacing(temporary, path);
  } catch (...) {
    remove_quietly(fs, temporary);
    throw;
  }
}

void create_directories(FileSystem& fs, const Path& path) {
  try {
    fs.create_directory(path);
    return;
  } catch (const Error& error) {
    // Mount points and read-only parents refuse even what exists.
    if (error.code() != ErrorCode::kNotFound) {
      if (is_directory(fs, path)) return;
      throw;
    }
    if (path.parent_path().empty() || path.parent_path() == path) throw;
  }
  create_directories(fs, path.parent_path());
  fs.create_directory(path);
}

void remove_all(FileSystem& fs, const Path& path) {
  const auto info = fs.stat(path);
  if (info && info->is_directory) {
    for (const DirEntry& entry : fs.list(path)) {
      const Path child = path / from_utf8(entry.name);
      if (entry.is_directory) {
        remove_all(fs, child);
      } else {
        fs.remove(child);
      }
    }
  }
  fs.remove(path);
}

}  // namespace tidesync
