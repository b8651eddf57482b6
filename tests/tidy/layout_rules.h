// The rules of the house as functions over a source tree: which room may include which, which file
// the build must name, how a source looks. Each takes the root of a tree (the repository, or a
// small one that a test made), reads files and changes nothing, and returns one line for each
// breach: "path: what is wrong". An empty answer means that the rule holds.
#pragma once

#include <boost/filesystem/path.hpp>
#include <string>
#include <vector>

namespace tidesync::test {

using Problems = std::vector<std::string>;

// src/ and cli/: a room includes only rooms below it, and a library only where it belongs.
Problems include_problems(const boost::filesystem::path& root);

// src/, cli/ and bench/: every source is named in the CMakeLists.txt beside it (or the next above).
// "name_${..._SYSTEM}.cpp" there names name_posix.cpp and name_windows.cpp.
Problems unlisted_source_problems(const boost::filesystem::path& root);

// tests/: every source is named in tests/CMakeLists.txt or a tests/*.cmake.
Problems unlisted_test_problems(const boost::filesystem::path& root);

// tests/fuzz.cmake lists sources by hand: what they include from replica, share and sync is listed,
// too, or the fuzz programs do not link.
Problems fuzz_list_problems(const boost::filesystem::path& root);

// The whole tree: no two names that are one on a file system that ignores case.
Problems name_case_problems(const boost::filesystem::path& root);

// Sources, SQL, scripts and build files: no tabs, no blanks at the end of a line. Headers: a
// comment first, then #pragma once.
Problems text_problems(const boost::filesystem::path& root);

// src/ and cli/: no file has more lines than a reader can hold.
Problems length_problems(const boost::filesystem::path& root);

}  // namespace tidesync::test
