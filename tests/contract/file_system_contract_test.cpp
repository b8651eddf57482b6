// The implementations that the contract of base/file_system.h is checked on.
#include "contract/file_system_contract.h"

#include <cstdlib>
#include <vector>

#include "support/counting_file_system.h"
#include "support/faulty_file_system.h"
#include "support/memory_file_system.h"
#include "support/temp_dir.h"

namespace tidesync::test {
namespace {

class OnMemory : public FileSystemUnderTest {
 public:
  OnMemory() { memory_.create_directory(folder()); }
  FileSystem& fs() override { return memory_; }
  Path folder() const override { return "/share"; }

 private:
  MemoryFileSystem memory_;
};

class OnDisk : public FileSystemUnderTest {
 public:
  OnDisk() = default;
  explicit OnDisk(const Path& share) : folder_(share) {}
  FileSystem& fs() override { return disk_; }
  Path folder() const override { return folder_.path(); }

 private:
  DiskFileSystem disk_;
  TempDir folder_;
};

// Decorators that are told nothing keep the contract of what they decorate.
class ThroughDecorators : public FileSystemUnderTest {
 public:
  FileSystem& fs() override { return counting_; }
  Path folder() const override { return memory_.folder(); }

 private:
  OnMemory memory_;
  FaultyFileSystem faulty_{memory_.fs()};
  CountingFileSystem counting_{faulty_};
};

std::vector<FileSystemFactory> implementations() {
  std::vector<FileSystemFactory> all{
      {"Memory", [] { return std::make_unique<OnMemory>(); }},
      {"Decorated", [] { return std::make_unique<ThroughDecorators>(); }},
      {"Disk", [] { return std::make_unique<OnDisk>(); }},
  };
  if (const char* share = std::getenv("TIDESYNC_TEST_SHARE"); share != nullptr && *share != '\0') {
    all.push_back({"Share", [share] { return std::make_unique<OnDisk>(Path(share)); }});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(, FileSystemContract, ::testing::ValuesIn(implementations()),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace tidesync::test
