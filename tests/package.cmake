# The package as people install it. Included from tests/CMakeLists.txt.
add_test(NAME package_test COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/package/package_test.sh
                                   ${PROJECT_BINARY_DIR})
set_tests_properties(package_test PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300 LABELS package)
