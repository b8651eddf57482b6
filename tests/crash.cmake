# The real program, disturbed at every call that changes a file. Included from tests/CMakeLists.txt.
# Linux only: the library is loaded into the program by LD_PRELOAD. A sanitized program wants to
# load its own library first.
if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND NOT TIDESYNC_SANITIZE)
  add_library(tidesync_crash_shim MODULE crash/crash_shim.cpp)
  target_link_libraries(tidesync_crash_shim PRIVATE tidesync_flags ${CMAKE_DL_LIBS})

  tidesync_test(
    crash_matrix_test
    SOURCES
    crash/crash_fleet.cpp
    crash/crash_fleet.h
    crash/crash_matrix_test.cpp
    crash/crash_scenarios.cpp
    crash/crash_scenarios.h
    crash/old_share_scenarios.cpp
    USES
    tidesync_cli_fixture
    tidesync_share)
  target_compile_definitions(
    crash_matrix_test PRIVATE TIDESYNC_CRASH_SHIM="$<TARGET_FILE:tidesync_crash_shim>")
  add_dependencies(crash_matrix_test tidesync_crash_shim)
  # On a busy machine; alone it takes some two minutes.
  set_tests_properties(crash_matrix_test PROPERTIES TIMEOUT 1800)
else()
  message(STATUS "crash_matrix_test is not built: it needs Linux and a program without sanitizers")
endif()
