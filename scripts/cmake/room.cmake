# tidesync_room(NAME SOURCES a.cpp b.h ... USES lib ... PRIVATE_USES lib ...)
#
# One folder of src/ as one static library with the warnings of the house. Sources are listed by
# hand: a file no room lists fails tests/tidy.
add_library(tidesync_flags INTERFACE)
target_compile_options(
  tidesync_flags
  INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
            -Wold-style-cast -Woverloaded-virtual -Wimplicit-fallthrough
            # g++ 12 sees overlapping copies in std::string's operator+ (GCC bug 105651).
            -Wno-restrict)
if(TIDESYNC_WERROR)
  target_compile_options(tidesync_flags INTERFACE -Werror)
endif()
if(TIDESYNC_SANITIZE)
  # The whole program is instrumented, tests included.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  # GCC takes what the sanitizers add to std::function for uses of uninitialised memory.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  add_link_options(-fsanitize=address,undefined)
endif()

if(TIDESYNC_FUZZ)
  # Everything tells the fuzzer which way it went (clang only).
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(TIDESYNC_SANITIZE_THREADS)
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
endif()

function(tidesync_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;USES;PRIVATE_USES" ${ARGN})
  add_library(tidesync_${name} STATIC ${ROOM_SOURCES})
  target_include_directories(tidesync_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(tidesync_${name} PUBLIC ${ROOM_USES} PRIVATE ${ROOM_PRIVATE_USES}
                                                                     tidesync_flags)
endfunction()

# tidesync_test(NAME SOURCES a_test.cpp ... USES lib ...): one GoogleTest program, run by ctest.
function(tidesync_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES;USES" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${TEST_USES} GTest::gtest_main tidesync_flags)
  # gtest's own macros trip this one in g++ 12 under -O2. What is tested keeps its optimisation; the
  # tests themselves compile in two thirds of the time without.
  target_compile_options(${name} PRIVATE -Wno-conversion -O1)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 600)
  if(TIDESYNC_SANITIZE OR TIDESYNC_SANITIZE_THREADS)
    set_tests_properties(${name} PROPERTIES TIMEOUT 1800)  # they take up to ten times as long
  endif()
endfunction()
