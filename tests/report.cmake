# Pages of `report` in a real browser. Included from tests/CMakeLists.txt.
find_package(Python3 COMPONENTS Interpreter QUIET)
if(Python3_FOUND)
  add_test(NAME report_browser_test
           COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/report/report_browser_test.py
                   $<TARGET_FILE:tidesync>)
  set_tests_properties(report_browser_test PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300 LABELS report)
else()
  message(STATUS "No python3: report_browser_test is left out")
endif()
