# The tests of src/sync's configuration and of cli/. Included from tests/CMakeLists.txt.
tidesync_test(
  config_test
  SOURCES
  unit/sync/config_policies_test.cpp
  unit/sync/config_test.cpp
  unit/sync/run_streak_test.cpp
  unit/sync/typed_value_test.cpp
  USES
  tidesync_schema
  tidesync_sync
  tidesync_test_support)

tidesync_test(
  cli_unit_test
  SOURCES
  unit/cli/app_test.cpp
  unit/cli/csv_test.cpp
  unit/cli/history_follow_test.cpp
  unit/cli/conflict_view_test.cpp
  unit/cli/conflict_words_test.cpp
  unit/cli/display_width_test.cpp
  unit/cli/exit_code_test.cpp
  unit/cli/printer_test.cpp
  unit/cli/progress_test.cpp
  unit/cli/registry_test.cpp
  unit/cli/report_html_test.cpp
  unit/cli/times_test.cpp
  USES
  tidesync_schema
  tidesync_cli
  tidesync_test_support)

tidesync_test(
  golden_output_test
  SOURCES
  unit/cli/golden_output_test.cpp
  USES
  tidesync_cli
  tidesync_test_support)
target_compile_definitions(golden_output_test PRIVATE TIDESYNC_GOLDEN="${CMAKE_CURRENT_SOURCE_DIR}/golden/output")
