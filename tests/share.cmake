# The tests of src/share. Included from tests/CMakeLists.txt.
tidesync_test(
  share_test
  SOURCES
  unit/share/backups_test.cpp
  unit/share/batch_builder.h
  unit/share/archive_test.cpp
  unit/share/batch_damage_test.cpp
  unit/share/batch_file_test.cpp
  unit/share/batch_golden_test.cpp
  unit/share/damage.h
  unit/share/dataset_fixture.h
  unit/share/dataset_publish_test.cpp
  unit/share/dataset_test.cpp
  unit/share/layout_test.cpp
  unit/share/note_damage_test.cpp
  unit/share/notes_test.cpp
  unit/share/probe_test.cpp
  unit/share/publish_elsewhere_test.cpp
  unit/share/share_check_test.cpp
  USES
  tidesync_share
  tidesync_test_support
  nlohmann_json::nlohmann_json)
target_compile_definitions(
  share_test PRIVATE TIDESYNC_GOLDEN_DIR="${CMAKE_CURRENT_SOURCE_DIR}/golden")
