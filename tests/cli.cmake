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
  tidesync_cli_fixture
  PUBLIC TIDESYNC_VERSION="${PROJECT_VERSION}"
  PRIVATE TIDESYNC_BINARY="$<TARGET_FILE:tidesync>"
          TIDESYNC_TEST_DATA="${CMAKE_CURRENT_SOURCE_DIR}/data")
target_link_libraries(
  tidesync_cli_fixture
  PUBLIC tidesync_sqlite tidesync_test_support GTest::gtest nlohmann_json::nlohmann_json
  PRIVATE tidesync_flags)
add_dependencies(tidesync_cli_fixture tidesync)

tidesync_test(main_job_test SOURCES cli/main_job_test.cpp USES tidesync_cli_fixture)
tidesync_test(merge_cases_test SOURCES cli/merge_cases_test.cpp USES tidesync_cli_fixture)
tidesync_test(bad_input_test SOURCES cli/bad_input_test.cpp USES tidesync_cli_fixture)
tidesync_test(commands_test SOURCES cli/commands_test.cpp USES tidesync_cli_fixture)
tidesync_test(conflicts_test SOURCES cli/conflicts_test.cpp USES tidesync_cli_fixture)
tidesync_test(life_test SOURCES cli/life_test.cpp USES tidesync_cli_fixture)
tidesync_test(application_habits_test SOURCES cli/application_habits_test.cpp USES tidesync_cli_fixture)
tidesync_test(
  settings_test
  SOURCES
  cli/config_command_test.cpp
  cli/generate_test.cpp
  cli/output_options_test.cpp
  cli/registry_test.cpp
  USES
  tidesync_cli_fixture)
tidesync_test(history_test SOURCES cli/history_test.cpp USES tidesync_cli_fixture)
tidesync_test(guard_test SOURCES cli/guard_test.cpp USES tidesync_cli_fixture)
tidesync_test(
  damage_test
  SOURCES
  cli/damage_test.cpp
  USES
  tidesync_cli_fixture
  tidesync_share)
tidesync_test(base_damage_test SOURCES cli/base_damage_test.cpp USES tidesync_cli_fixture)
tidesync_test(
  hole_test
  SOURCES
  cli/hole_test.cpp
  USES
  tidesync_cli_fixture
  tidesync_share)
tidesync_test(hostile_names_test SOURCES cli/hostile_names_test.cpp USES tidesync_cli_fixture)
tidesync_test(joined_database_test SOURCES cli/joined_database_test.cpp USES tidesync_cli_fixture)
tidesync_test(killed_test SOURCES cli/killed_test.cpp USES tidesync_cli_fixture)
tidesync_test(policies_test SOURCES cli/policies_test.cpp USES tidesync_cli_fixture)
tidesync_test(
  operations_test
  SOURCES
  cli/operations_test.cpp
  cli/share_bounds_test.cpp
  USES
  tidesync_cli_fixture
  tidesync_sync)
tidesync_test(master_test SOURCES cli/master_test.cpp USES tidesync_cli_fixture)
tidesync_test(fleet_test SOURCES cli/fleet_test.cpp USES tidesync_cli_fixture)
tidesync_test(numbers_test SOURCES cli/numbers_test.cpp USES tidesync_cli_fixture)
tidesync_test(
  report_test
  SOURCES
  cli/report_test.cpp
  USES
  tidesync_cli_fixture
  tidesync_schema)
target_compile_definitions(report_test PRIVATE TIDESYNC_REPORT_SQL="${PROJECT_SOURCE_DIR}/schema/reports")
tidesync_test(
  update_losses_test
  SOURCES
  cli/update_losses_test.cpp
  USES
  tidesync_cli_fixture)
tidesync_test(upgrade_test SOURCES cli/upgrade_test.cpp USES tidesync_cli_fixture)
tidesync_test(verify_test SOURCES cli/verify_test.cpp USES tidesync_cli_fixture)
tidesync_test(schedule_command_test SOURCES cli/schedule_test.cpp USES tidesync_cli_fixture)
target_compile_definitions(schedule_command_test PRIVATE TIDESYNC_BINARY="$<TARGET_FILE:tidesync>")
tidesync_test(real_schedulers_test SOURCES cli/real_schedulers_test.cpp USES tidesync_cli_fixture)
target_compile_definitions(real_schedulers_test PRIVATE TIDESYNC_BINARY="$<TARGET_FILE:tidesync>")
tidesync_test(doctor_test SOURCES cli/doctor_test.cpp USES tidesync_cli_fixture)
tidesync_test(
  share_trouble_test
  SOURCES
  cli/share_trouble_test.cpp
  cli/vanished_entry_test.cpp
  cli/write_during_upgrade_test.cpp
  USES
  tidesync_cli_fixture
  tidesync_sync)
