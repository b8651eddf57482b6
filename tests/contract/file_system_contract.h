// What every FileSystem promises (base/file_system.h), one test for each situation. The suite runs
// on memory, on disk, and on the folder in TIDESYNC_TEST_SHARE when that is set
// (file_system_contract_test.cpp); a new implementation adds one line there.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/file_system.h"

namespace tidesync::test {

// A file system under test and an existing, empty folder in it.
class FileSystemUnderTest {
 public:
  virtual ~FileSystemUnderTest() = default;
  virtual FileSystem& fs() = 0;
  virtual Path folder() const = 0;
};

struct FileSystemFactory {
  std::string name;
  std::function<std::unique_ptr<FileSystemUnderTest>()> make;
};

class FileSystemContract : public ::testing::TestWithParam<FileSystemFactory> {
 protected:
  void SetUp() override { subject_ = GetParam().make(); }

  FileSystem& fs() { return subject_->fs(); }
  Path at(std::string_view name) const { return subject_->folder() / from_utf8(name); }
  void write(const Path& path, std::string_view bytes) { write_new_file(fs(), path, bytes, false); }
  // The content; "(absent)" when there is no such file.
  std::string content(const Path& path);
  // A directory `path` with one file "b" in it.
  void make_directory_with(const Path& path, std::string_view bytes);

 private:
  std::unique_ptr<FileSystemUnderTest> subject_;
};

}  // namespace tidesync::test
