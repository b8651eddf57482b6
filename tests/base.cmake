# The test support library and the tests of src/base. Included from tests/CMakeLists.txt.
add_library(
  tidesync_test_support STATIC
  support/counting_file_system.cpp
  support/counting_file_system.h
  support/expect_error.h
  support/faulty_file_system.cpp
  support/faulty_file_system.h
  support/fs_call.h
  support/memory_file_system.cpp
  support/memory_file_system.h
  support/one_file.h
  support/temp_dir.h)
target_include_directories(tidesync_test_support PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(
  tidesync_test_support
  PUBLIC tidesync_base
  PRIVATE tidesync_flags)

tidesync_test(
  base_test
  SOURCES
  unit/base/child_process_test.cpp
  unit/base/clock_test.cpp
  unit/base/digest_test.cpp
  unit/base/file_system_test.cpp
  unit/base/ids_test.cpp
  unit/base/log_test.cpp
  unit/base/metered_file_system_test.cpp
  unit/base/mount_test.cpp
  unit/base/process_lock_test.cpp
  unit/base/text_test.cpp
  unit/base/value_test.cpp
  USES
  tidesync_test_support)

tidesync_test(
  file_system_contract_test
  SOURCES
  contract/file_system_contract.cpp
  contract/file_system_contract.h
  contract/file_system_contract_test.cpp
  USES
  tidesync_test_support)
