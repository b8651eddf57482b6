// A temporary directory that is removed with all in it when the object goes. Honours TMPDIR; asked
// for memory it prefers /dev/shm, where a file system operation costs microseconds.
#pragma once

#include <boost/filesystem/operations.hpp>
#include <boost/filesystem/path.hpp>

namespace tidesync::test {

class TempDir {
 public:
  enum class Where { kDisk, kMemory };

  explicit TempDir(Where where = Where::kDisk) : TempDir(parent_for(where)) {}
  // Below an existing folder, for instance a share that is to be tested.
  explicit TempDir(const boost::filesystem::path& parent)
      : path_(parent / boost::filesystem::unique_path("tidesync-%%%%-%%%%-%%%%-%%%%")) {
    boost::filesystem::create_directory(path_);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() {
    boost::system::error_code ignored;
    boost::filesystem::remove_all(path_, ignored);
  }

  const boost::filesystem::path& path() const { return path_; }
  boost::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  static boost::filesystem::path parent_for(Where where) {
    boost::system::error_code ignored;
    if (where == Where::kMemory && boost::filesystem::is_directory("/dev/shm", ignored)) {
      return "/dev/shm";
    }
    return boost::filesystem::temp_directory_path();
  }

  boost::filesystem::path path_;
};

}  // namespace tidesync::test
