# The merge rules tried out by programs, against an oracle. Included from tests/CMakeLists.txt.
add_library(
  tidesync_oracle_fleet STATIC
  oracle/cases.cpp
  oracle/cases.h
  oracle/fleet.cpp
  oracle/fleet.h
  oracle/model.cpp
  oracle/model.h
  oracle/random_edits.cpp
  oracle/random_edits.h
  oracle/random_run.cpp
  oracle/random_run.h
  oracle/random_schema.cpp
  oracle/random_schema.h
  oracle/trial.cpp
  oracle/trial.h
  oracle/update_run.cpp
  oracle/update_run.h
  oracle/update_schema.cpp
  oracle/update_schema.h)
target_include_directories(tidesync_oracle_fleet PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(
  tidesync_oracle_fleet
  PUBLIC tidesync_sim_fleet tidesync_inspect
  PRIVATE tidesync_flags)

# By hand: tidesync_oracle --shape number --computers 3
add_executable(tidesync_oracle oracle/main.cpp)
target_link_libraries(tidesync_oracle PRIVATE tidesync_oracle_fleet tidesync_flags)

# By hand: tidesync_random_schema --seed 1 --count 10000
add_executable(tidesync_random_schema oracle/random_main.cpp)
target_link_libraries(tidesync_random_schema PRIVATE tidesync_oracle_fleet tidesync_flags)

# By hand: tidesync_updates --seed 1 --count 2000
add_executable(tidesync_updates oracle/update_main.cpp)
target_link_libraries(tidesync_updates PRIVATE tidesync_oracle_fleet tidesync_flags)

tidesync_test(update_oracle_test SOURCES oracle/update_test.cpp USES tidesync_oracle_fleet)
tidesync_test(oracle_test SOURCES oracle/oracle_test.cpp USES tidesync_oracle_fleet)
tidesync_test(
  oracle_triples_test
  SOURCES
  oracle/oracle_triples_test.cpp
  USES
  tidesync_oracle_fleet)
tidesync_test(
  random_schema_test
  SOURCES
  oracle/random_schema_test.cpp
  USES
  tidesync_oracle_fleet)
tidesync_test(
  merge_rules_doc_test
  SOURCES
  oracle/merge_rules_doc_test.cpp
  USES
  tidesync_oracle_fleet)
