# The merge rules tried out by programs, against an oracle. Included from tests/CMakeLists.txt.
add_library(
  tidesync_oracle_fleet STATIC
  oracle/cases.cpp
  oracle/cases.h
  oracle/fleet.cpp
  oracle/fleet.h
  oracle/model.cpp
  oracle/model.h
  oracle/trial.cpp
  oracle/trial.h)
target_include_directories(tidesync_oracle_fleet PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(
  tidesync_oracle_fleet
  PUBLIC tidesync_sim_fleet
  PRIVATE tidesync_flags)

# By hand: tidesync_oracle --shape number --computers 3
add_executable(tidesync_oracle oracle/main.cpp)
target_link_libraries(tidesync_oracle PRIVATE tidesync_oracle_fleet tidesync_flags)

tidesync_test(oracle_test SOURCES oracle/oracle_test.cpp USES tidesync_oracle_fleet)
