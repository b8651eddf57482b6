# The tests of src/sqlite. Included from tests/CMakeLists.txt.
tidesync_test(
  sqlite_test
  SOURCES
  support/sql_rows.h
  unit/sqlite/database_test.cpp
  unit/sqlite/statement_test.cpp
  unit/sqlite/transaction_test.cpp
  USES
  tidesync_sqlite
  tidesync_test_support)
