# The tests of src/inspect. Included from tests/CMakeLists.txt.
tidesync_test(
  inspect_test
  SOURCES
  unit/inspect/doctor_unit_test.cpp
  unit/inspect/inspect_test.cpp
  unit/inspect/master_file_test.cpp
  unit/inspect/node_health_test.cpp
  support/report_file.h
  unit/inspect/report_test.cpp
  unit/inspect/verify_unit_test.cpp
  USES
  tidesync_inspect
  tidesync_test_support)
