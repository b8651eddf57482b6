# The tests of src/schedule. Included from tests/CMakeLists.txt.
tidesync_test(
  schedule_test
  SOURCES
  support/manual_clock.h
  unit/schedule/daemon_test.cpp
  unit/schedule/plan_test.cpp
  unit/schedule/worker_processes_test.cpp
  unit/sync/local_watch_test.cpp
  USES
  tidesync_schedule
  tidesync_test_support)

tidesync_test(telling_test SOURCES cli/telling_test.cpp USES tidesync_cli_fixture)

# A share that hangs: a library that is loaded into the program by LD_PRELOAD. Linux only, and not
# for a sanitized program, which wants to load its own library first.
tidesync_test(run_test SOURCES cli/run_test.cpp USES tidesync_cli_fixture)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND NOT TIDESYNC_SANITIZE)
  add_library(tidesync_freeze_shim MODULE cli/freeze_shim.cpp)
  target_link_libraries(tidesync_freeze_shim PRIVATE tidesync_flags ${CMAKE_DL_LIBS})
  target_compile_definitions(
    run_test PRIVATE TIDESYNC_FREEZE_SHIM="$<TARGET_FILE:tidesync_freeze_shim>")
  add_dependencies(run_test tidesync_freeze_shim)
endif()

# Not a test of ctest: scripts/soak-run.sh runs it.
add_executable(tidesync_run_soak soak/run_soak.cpp)
target_link_libraries(tidesync_run_soak PRIVATE tidesync_schedule tidesync_sqlite tidesync_flags)
