# The tests with the real executable. Included from tests/CMakeLists.txt.
add_library(
  tidesync_cli_fixture STATIC
  cli/cli_fixture.cpp
  cli/cli_fixture.h
  cli/process.cpp
  cli/process.h
  cli/sql.cpp
  cli/sql.h)
target_include_directories(tidesync_cli_fixture PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_compile_definitions(
  tidesync_cli_fixture PRIVATE TIDESYNC_BINARY="$<TARGET_FILE:tidesync>"
                               TIDESYNC_TEST_DATA="${CMAKE_CURRENT_SOURCE_DIR}/data")
target_link_libraries(
  tidesync_cli_fixture
  PUBLIC tidesync_sqlite tidesync_test_support GTest::gtest nlohmann_json::nlohmann_json
  PRIVATE tidesync_flags)
add_dependencies(tidesync_cli_fixture tidesync)

foreach(theme main_job merge_cases bad_input)
  tidesync_test(${theme}_test SOURCES cli/${theme}_test.cpp USES tidesync_cli_fixture)
endforeach()
