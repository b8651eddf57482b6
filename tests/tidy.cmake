# The rules of the house, checked by reading the source tree. Included from tests/CMakeLists.txt.
tidesync_test(
  tidy_test
  SOURCES
  tidy/layout_rules.cpp
  tidy/layout_rules.h
  tidy/layout_test.cpp
  USES
  Boost::filesystem
  tidesync_test_support)
target_compile_definitions(tidy_test PRIVATE TIDESYNC_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
