#include "sync/database_files.h"

#include "base/error.h"

namespace tidesync {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;

Path with_suffix(Path file, const char* suffix) {
  file += suffix;
  return file;
}

bool copy_file(FileSystem& fs, const Path& from, const Path& to) {
  const auto source = fs.open_read(from);
  if (!source) return false;
  const auto target = fs.create_new(to);
  std::string chunk(kChunkBytes, '\0');
  for (std::size_t got = chunk.size(); got == chunk.size();) {
    got = source->read(chunk.data(), chunk.size());
    if (got > 0) target->write({chunk.data(), got});
  }
  target->close();
  return true;
}

}  // namespace

void remove_database(FileSystem& fs, const Path& file) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) fs.remove(with_suffix(file, suffix));
}

void copy_database(FileSystem& fs, const Path& from, const Path& to) {
  if (!copy_file(fs, from, to)) {
    throw Error(ErrorCode::kNotFound, "copy", to_utf8(from), "there is no such file");
  }
  for (const char* suffix : {"-wal", "-journal"})
    copy_file(fs, with_suffix(from, suffix), with_suffix(to, suffix));
}

}  // namespace tidesync
