# Every library the project links, each as an imported target. All of them are Debian packages
# (scripts/install-deps.sh).
find_package(Boost 1.74 REQUIRED COMPONENTS filesystem)
find_package(spdlog REQUIRED)
find_package(date REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)

if(TIDESYNC_SQLITE_DIR)
  # A newer amalgamation than the system's, linked statically.
  enable_language(C)
  add_library(tidesync_sqlite3 STATIC ${TIDESYNC_SQLITE_DIR}/sqlite3.c)
  target_include_directories(tidesync_sqlite3 SYSTEM PUBLIC ${TIDESYNC_SQLITE_DIR})
  target_compile_definitions(tidesync_sqlite3 PRIVATE SQLITE_ENABLE_DBSTAT_VTAB=0
                                                      SQLITE_DEFAULT_MEMSTATUS=0)
  target_link_libraries(tidesync_sqlite3 PUBLIC Threads::Threads ${CMAKE_DL_LIBS})
  add_library(SQLite::SQLite3 ALIAS tidesync_sqlite3)
else()
  find_package(SQLite3 3.40 REQUIRED)
endif()
