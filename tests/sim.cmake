# The fleet simulation over the real engine. Included from tests/CMakeLists.txt.
add_library(
  tidesync_sim_fleet STATIC
  sim/application.cpp
  sim/application.h
  sim/checks.cpp
  sim/checks.h
  sim/ledger.cpp
  sim/ledger.h
  sim/misfortunes.cpp
  sim/misfortunes.h
  sim/node.cpp
  sim/node.h
  sim/options.cpp
  sim/options.h
  sim/share_log.cpp
  sim/share_log.h
  sim/shrink.cpp
  sim/shrink.h
  sim/sim_clock.h
  sim/sqlite_clock.cpp
  sim/sqlite_clock.h
  sim/task.cpp
  sim/task.h
  sim/world.cpp
  sim/world.h)
target_include_directories(tidesync_sim_fleet PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(
  tidesync_sim_fleet
  PUBLIC tidesync_sync tidesync_test_support
  PRIVATE tidesync_flags SQLite::SQLite3 Threads::Threads)

# By hand: tidesync_sim --seed 1 --count 10000
add_executable(tidesync_sim sim/main.cpp)
target_link_libraries(tidesync_sim PRIVATE tidesync_sim_fleet tidesync_flags)

# Months and years of one fleet, with small log folders.
tidesync_test(
  retention_test
  SOURCES
  retention/lost_disks_test.cpp
  retention/retention_fixture.h
  retention/retention_test.cpp
  retention/years.h
  USES
  tidesync_sim_fleet)

# By hand: what a year leaves on the share.
add_executable(tidesync_year retention/year_main.cpp retention/years.h)
target_link_libraries(tidesync_year PRIVATE tidesync_sim_fleet GTest::gtest tidesync_flags)
# Two programs, so that they run at the same time.
tidesync_test(
  sim_test
  SOURCES
  sim/ledger_test.cpp
  sim/sim_test.cpp
  sim/volume.cpp
  sim/volume.h
  USES
  tidesync_sim_fleet)
tidesync_test(
  sim_recovery_test
  SOURCES
  sim/sim_recovery_test.cpp
  sim/volume.cpp
  sim/volume.h
  USES
  tidesync_sim_fleet)
tidesync_test(mutation_test SOURCES sim/mutation_test.cpp USES tidesync_sim_fleet)
