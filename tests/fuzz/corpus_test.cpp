// Every file of the corpus again, with whatever compiler and sanitizers the tests are built: what
// the fuzzer once found stays found.
#include <gtest/gtest.h>

#include <boost/filesystem/operations.hpp>
#include <iostream>

#include "base/file_system.h"
#include "fuzz/targets.h"

namespace tidesync::test {
namespace {

TEST(FuzzCorpus, EveryFileIsTakenInOrRefused) {
  DiskFileSystem disk;
  for (const FuzzTarget& target : kFuzzTargets) {
    int files = 0;
    for (const DirEntry& entry : disk.list(Path(TIDESYNC_FUZZ_CORPUS) / target.name)) {
      std::cout << "  " << target.name << "/" << entry.name << std::endl;  // seen if it crashes
      const Path file = Path(TIDESYNC_FUZZ_CORPUS) / target.name / entry.name;
      target.run(read_file(disk, file, 1u << 20).value());
      ++files;
    }
    EXPECT_GT(files, 0) << target.name;
  }
}

TEST(FuzzCorpus, SmallThingsAreTakenInOrRefused) {
  for (const FuzzTarget& target : kFuzzTargets) {
    target.run("");
    for (int byte = 0; byte < 256; ++byte) {
      const char text = static_cast<char>(byte);
      target.run({&text, 1});
      target.run(std::string(100'000, text));
    }
  }
}

}  // namespace
}  // namespace tidesync::test
