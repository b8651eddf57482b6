# The tests of the tasks in src/schedule. Included from tests/CMakeLists.txt.
tidesync_test(
  os_task_test
  SOURCES
  unit/schedule/fake_host.h
  unit/schedule/os_task_test.cpp
  unit/schedule/start_times_test.cpp
  unit/schedule/task_format_test.cpp
  unit/schedule/task_text_test.cpp
  USES
  tidesync_schedule
  tidesync_test_support)
target_compile_definitions(os_task_test PRIVATE TIDESYNC_GOLDEN="${CMAKE_CURRENT_SOURCE_DIR}/golden")
