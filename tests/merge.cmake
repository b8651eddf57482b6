# The tests of src/merge. Included from tests/CMakeLists.txt.
tidesync_test(
  merge_test
  SOURCES
  unit/merge/effective_time_test.cpp
  unit/merge/policy_test.cpp
  unit/merge/record_life_test.cpp
  unit/merge/row_effect_test.cpp
  unit/merge/stamp_format_test.cpp
  unit/merge/table_shape_test.cpp
  unit/merge/three_way_policy_test.cpp
  unit/merge/three_way_test.cpp
  USES
  tidesync_merge
  tidesync_sqlite
  tidesync_test_support)
