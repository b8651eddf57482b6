# Bytes of a share, taken in by every parser. Included from tests/CMakeLists.txt.
add_library(
  tidesync_fuzz_targets STATIC
  fuzz/expect.h
  fuzz/replica_targets.cpp
  fuzz/share_targets.cpp
  fuzz/targets.h)
target_include_directories(tidesync_fuzz_targets PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(tidesync_fuzz_targets PRIVATE tidesync_flags)
if(TIDESYNC_FUZZ)
  # Only the files that take bytes in, not their whole rooms: this build is to be quick.
  foreach(
    file
    replica/absent_values
    replica/after_image
    replica/conflict_row
    replica/exact_rows
    replica/form_notes
    replica/foreign_keys
    replica/key_filter
    replica/local
    replica/policies
    replica/schema_change
    replica/schema_reader
    replica/scratch
    replica/share_schema
    replica/stored_form
    replica/table_access
    replica/tracker
    share/archive_notes
    share/batch_body
    share/batch_format
    share/batch_header
    share/batch_reader
    share/dataset
    share/dataset_format
    share/layout
    share/notes
    share/backup_rule
    sync/config
    sync/config_keys
    sync/config_parse
    sync/config_policies
    sync/config_units)
    target_sources(tidesync_fuzz_targets PRIVATE ${PROJECT_SOURCE_DIR}/src/${file}.cpp)
  endforeach()
  target_link_libraries(
    tidesync_fuzz_targets
    PUBLIC tidesync_sqlite tidesync_merge tidesync_schema
    PRIVATE nlohmann_json::nlohmann_json PkgConfig::zstd tomlplusplus::tomlplusplus)
else()
  target_link_libraries(tidesync_fuzz_targets PUBLIC tidesync_sync)
endif()

tidesync_test(fuzz_corpus_test SOURCES fuzz/corpus_test.cpp USES tidesync_fuzz_targets)
target_compile_definitions(
  fuzz_corpus_test PRIVATE TIDESYNC_FUZZ_CORPUS="${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus")

# scripts/fuzz.sh: one program of libFuzzer per target.
if(TIDESYNC_FUZZ)
  foreach(
    target
    batch
    sealed_batch
    format
    notes
    archive_notes
    schema
    policies
    row_json
    values
    config)
    add_executable(fuzz_${target} fuzz/fuzz_main.cpp)
    target_compile_definitions(fuzz_${target} PRIVATE TIDESYNC_FUZZ_TARGET=fuzz_${target})
    target_link_libraries(fuzz_${target} PRIVATE tidesync_fuzz_targets tidesync_flags)
    target_link_options(fuzz_${target} PRIVATE -fsanitize=fuzzer)
    list(APPEND fuzz_programs fuzz_${target})
  endforeach()
  add_custom_target(fuzz_programs DEPENDS ${fuzz_programs})
endif()
