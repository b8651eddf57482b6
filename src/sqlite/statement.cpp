#include "sqlite/statement.h"

#include <sqlite3.h>

#include <utility>

#include "sqlite/sqlite_error.h"

namespace tidesync {

Statement::Statement(sqlite3* connection, std::string_view sql) {
  const int code = sqlite3_prepare_v3(connection, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &stmt_, nullptr);
  if (code != SQLITE_OK) {
    throw_sqlite_error(connection, code, "prepare", sql.substr(0, 200));
  }
}

Statement::Statement(Statement&& other) noexcept : stmt_(std::exchange(other.stmt_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(stmt_, other.stmt_);
  return *this;
}

Statement::~Statement() {
  sqlite3_finalize(stmt_);
}

Statement& Statement::bind(int parameter, const ValueView& value) {
  bind_view(parameter, value, true);
  return *this;
}

void Statement::bind_view(int parameter, const ValueView& value, bool copy) {
  const auto lifetime = copy ? SQLITE_TRANSIENT : SQLITE_STATIC;
  // A null pointer would bind NULL instead of an empty text or blob.
  const char* bytes = value.bytes.data() ? value.bytes.data() : "";
  int code = SQLITE_OK;
  switch (value.type) {
    case ValueType::kNull:
      code = sqlite3_bind_null(stmt_, parameter);
      break;
    case ValueType::kInteger:
      code = sqlite3_bind_int64(stmt_, parameter, value.integer);
      break;
    case ValueType::kReal:
      code = sqlite3_bind_double(stmt_, parameter, value.real);
      break;
    case ValueType::kText:
      code =
          sqlite3_bind_text64(stmt_, parameter, bytes, value.bytes.size(), lifetime, SQLITE_UTF8);
      break;
    case ValueType::kBlob:
      code = sqlite3_bind_blob64(stmt_, parameter, bytes, value.bytes.size(), lifetime);
      break;
  }
  if (code != SQLITE_OK) throw_sqlite_error(sqlite3_db_handle(stmt_), code, "bind");
}

int Statement::bind_image(int first, std::string_view image) {
  for (ValueReader reader(image); !reader.at_end(); ++first) bind_view(first, reader.next(), false);
  return first;
}

bool Statement::step() {
  const int code = sqlite3_step(stmt_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  sqlite3* connection = sqlite3_db_handle(stmt_);
  const std::string sql = sqlite3_sql(stmt_);
  sqlite3_reset(stmt_);
  throw_sqlite_error(connection, code, "run", sql.substr(0, 200));
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

WriteOutcome Statement::run_write() {
  const int code = sqlite3_step(stmt_);
  if (code == SQLITE_DONE || code == SQLITE_ROW) {
    reset();
    return WriteOutcome::kDone;
  }
  sqlite3* connection = sqlite3_db_handle(stmt_);
  const int extended = sqlite3_extended_errcode(connection);
  const std::string sql = sqlite3_sql(stmt_);
  switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      reset();
      return WriteOutcome::kUnique;
    case SQLITE_CONSTRAINT_CHECK:
    case SQLITE_CONSTRAINT_NOTNULL:
    case SQLITE_CONSTRAINT_DATATYPE:
    case SQLITE_MISMATCH:  // a text for an INTEGER PRIMARY KEY
    case SQLITE_TOOBIG:
      reset();
      return WriteOutcome::kConstraint;
    default:
      break;
  }
  sqlite3_reset(stmt_);
  throw_sqlite_error(connection, code, "write", sql.substr(0, 200));
}

void Statement::reset() {
  sqlite3_reset(stmt_);
  sqlite3_clear_bindings(stmt_);
}

int Statement::column_count() const {
  return sqlite3_column_count(stmt_);
}

std::string Statement::column_name(int index) const {
  return sqlite3_column_name(stmt_, index);
}

ValueView Statement::column(int index) const {
  switch (sqlite3_column_type(stmt_, index)) {
    case SQLITE_INTEGER:
      return ValueView::of(sqlite3_column_int64(stmt_, index));
    case SQLITE_FLOAT:
      return ValueView::of_real(sqlite3_column_double(stmt_, index));
    case SQLITE_TEXT: {
      // Text first, then its length: the order SQLite documents.
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(stmt_, index));
      return ValueView::text({text, static_cast<std::size_t>(sqlite3_column_bytes(stmt_, index))});
    }
    case SQLITE_BLOB: {
      const auto* blob = static_cast<const char*>(sqlite3_column_blob(stmt_, index));
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(stmt_, index));
      return ValueView::blob(blob ? std::string_view(blob, size) : std::string_view(""));
    }
    default:
      return ValueView::null();
  }
}

void Statement::append_columns(std::string& image, int first, int count) const {
  for (int i = first; i < first + count; ++i) append_value(image, column(i));
}

}  // namespace tidesync
