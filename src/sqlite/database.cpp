#include "sqlite/database.h"

#include <sqlite3.h>

#include <boost/filesystem/operations.hpp>
#include <cctype>
#include <unordered_map>

#include "base/error.h"
#include "sqlite/file_copy.h"
#include "sqlite/sqlite_error.h"

namespace tidesync {

struct Database::Impl {
  sqlite3* connection = nullptr;
  Path file;
  // Node-based: references stay valid while others are added.
  std::unordered_map<std::string, Statement> cache;

  ~Impl() {
    cache.clear();
    sqlite3_close_v2(connection);
  }
};

namespace {

int flags_of(OpenMode mode) {
  switch (mode) {
    case OpenMode::kReadOnly:
      return SQLITE_OPEN_READONLY;
    case OpenMode::kReadWrite:
      return SQLITE_OPEN_READWRITE;
    case OpenMode::kCreate:
      return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  }
  return SQLITE_OPEN_READONLY;
}

// "file:///mnt/nas/master.db". A drive ("C:/") follows the third slash as well; the name of a
// server in a UNC path is part of the path to SQLite.
std::string uri_of(const Path& file) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "/:._-";
  const std::string path = to_utf8(boost::filesystem::absolute(file).generic_path());
  std::string uri = path.starts_with("/") ? "file://" : "file:///";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = byte < 0x80 && std::isalnum(byte) != 0;
    if (letter || kPlain.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      uri += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return uri;
}

void check_is_a_file(const Path& file) {
  boost::system::error_code ec;
  const auto status = boost::filesystem::status(file, ec);
  if (!boost::filesystem::exists(status)) {
    throw Error(ErrorCode::kNotFound, "open database", to_utf8(file), "there is no such file",
                "Check the path given with --db.");
  }
  if (boost::filesystem::is_directory(status)) {
    throw Error(ErrorCode::kNotADatabase, "open database", to_utf8(file), "it is a folder",
                "Give the application's database file with --db.");
  }
}

}  // namespace

Database::Database() : impl_(std::make_unique<Impl>()) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Database Database::open_named(const Path& file, const std::string& name, int flags,
                              int busy_timeout_ms) {
  Database db;
  db.impl_->file = file;
  const int code = sqlite3_open_v2(name.c_str(), &db.impl_->connection,
                                   flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  const std::string subject = to_utf8(file);
  if (code != SQLITE_OK) throw_sqlite_error(db.impl_->connection, code, "open database", subject);
  sqlite3_busy_timeout(db.impl_->connection, busy_timeout_ms);
  sqlite3_db_config(db.impl_->connection, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  // Reading the header is what tells a database from any other file.
  try {
    db.get_int("SELECT count(*) FROM sqlite_schema");
  } catch (const Error& error) {
    throw Error(error.code(), "open database", subject, error.detail(), error.hint());
  }
  return db;
}

Database Database::open(const Path& file, OpenMode mode, int busy_timeout_ms) {
  if (mode != OpenMode::kCreate) check_is_a_file(file);
  return open_named(file, to_utf8(file), flags_of(mode), busy_timeout_ms);
}

Database Database::open_application(const Path& file, int busy_timeout_ms) {
  Database db = open(file, OpenMode::kReadWrite, busy_timeout_ms);
  sqlite3* connection = db.impl_->connection;
  if (sqlite3_db_readonly(connection, "main") == 1) {
    throw Error(ErrorCode::kReadOnly, "open database", to_utf8(file),
                "this account may not write it",
                "Give this account write permission on the file and its folder.");
  }
  sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_FKEY, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // The application alone checkpoints its write-ahead log.
  sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_wal_autocheckpoint(connection, 0);
  // Room for the pages that one merge changes: what does not fit is written twice.
  db.exec("PRAGMA mmap_size=0; PRAGMA cache_size=-12000");
  return db;
}

void Database::distrust() {
  sqlite3* connection = impl_->connection;
  sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  exec("PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA query_only=ON");
}

Database Database::open_untrusted(const Path& file, int busy_timeout_ms) {
  Database db = open(file, OpenMode::kReadOnly, busy_timeout_ms);
  db.distrust();
  return db;
}

Database Database::open_immutable(const Path& file) {
  check_is_a_file(file);
  Database db = open_named(file, uri_of(file) + "?immutable=1",
                           SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, kBusyTimeoutMs);
  db.distrust();
  return db;
}

Database Database::open_private(const char* name) {
  Database db;
  const int code = sqlite3_open_v2(
      name, &db.impl_->connection,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      nullptr);
  if (code != SQLITE_OK) throw_sqlite_error(db.impl_->connection, code, "open database", name);
  return db;
}

Database Database::in_memory() {
  return open_private(":memory:");
}
// SQLite's name for a temporary database on disk is the empty one.
Database Database::temporary() {
  return open_private("");
}

const Path& Database::file() const {
  return impl_->file;
}

void Database::exec(const std::string& sql) {
  const int code = sqlite3_exec(impl_->connection, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw_sqlite_error(impl_->connection, code, "run", sql.substr(0, 200));
}

Statement Database::prepare(std::string_view sql) {
  return Statement(impl_->connection, sql);
}

Statement& Database::cached(const std::string& sql) {
  const auto found = impl_->cache.find(sql);
  if (found != impl_->cache.end()) {
    found->second.reset();
    return found->second;
  }
  return impl_->cache.emplace(sql, prepare(sql)).first->second;
}

void Database::clear_cache() {
  impl_->cache.clear();
}

std::int64_t Database::get_int(const std::string& sql, std::int64_t fallback) {
  Statement statement = prepare(sql);
  if (!statement.step() || statement.column(0).is_null()) return fallback;
  return statement.get_int(0);
}

std::string Database::get_text(const std::string& sql, const std::string& fallback) {
  Statement statement = prepare(sql);
  if (!statement.step() || statement.column(0).is_null()) return fallback;
  return statement.get_text(0);
}

bool Database::has_table(std::string_view name) {
  Statement& find =
      cached("SELECT 1 FROM sqlite_schema WHERE type='table' AND name=?1 COLLATE NOCASE");
  const bool found = find.bind_text(1, name).step();
  find.reset();
  return found;
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(impl_->connection);
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(impl_->connection) == 0;
}

std::int64_t Database::schema_version() {
  return get_int("PRAGMA schema_version");
}

std::int64_t Database::data_version() {
  return get_int("PRAGMA data_version");
}

namespace {

// What stands between the two texts; "" when they do not.
std::string between(const std::string& text, std::string_view before, std::string_view after) {
  const std::size_t at = text.find(before);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + before.size();
  const std::size_t end = after.empty() ? text.size() : text.find(after, begin);
  return end == std::string::npos ? std::string() : text.substr(begin, end - begin);
}

int compare_bytes(void*, int size_a, const void* a, int size_b, const void* b) {
  const std::string_view left(static_cast<const char*>(a), static_cast<std::size_t>(size_a));
  return left.compare({static_cast<const char*>(b), static_cast<std::size_t>(size_b)});
}

void give_null(sqlite3_context* context, int, sqlite3_value**) {
  sqlite3_result_null(context);
}

}  // namespace

bool Database::add_stand_in(const std::string& error) {
  const std::string collation = between(error, "no such collation sequence: ", "");
  if (!collation.empty()) {
    return sqlite3_create_collation(impl_->connection, collation.c_str(), SQLITE_UTF8, nullptr,
                                    compare_bytes) == SQLITE_OK;
  }
  std::string function = between(error, "unknown function: ", "(");
  if (function.empty()) function = between(error, "no such function: ", "");
  return !function.empty() &&
         sqlite3_create_function(impl_->connection, function.c_str(), -1,
                                 SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, nullptr,
                                 give_null, nullptr, nullptr) == SQLITE_OK;
}

void Database::set_busy_timeout_ms(int timeout_ms) {
  sqlite3_busy_timeout(impl_->connection, timeout_ms);
}

void Database::backup_to(const Path& file) {
  Database target = open(file, OpenMode::kCreate);
  copy_into(target);
}

void Database::copy_pages_to(const Path& file) {
  Database target = open(file, OpenMode::kCreate);
  if (copy_file(*this, impl_->connection, target.impl_->connection)) return;
  target.exec("PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF");
  copy_into(target);
}

void Database::copy_into(Database& target) {
  sqlite3_backup* backup =
      sqlite3_backup_init(target.impl_->connection, "main", impl_->connection, "main");
  if (!backup) {
    throw_sqlite_error(target.impl_->connection, sqlite3_extended_errcode(target.impl_->connection),
                       "copy database", to_utf8(target.file()));
  }
  int code = SQLITE_OK;
  do {
    code = sqlite3_backup_step(backup, -1);
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) sqlite3_sleep(20);
  } while (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED);
  sqlite3_backup_finish(backup);
  if (code != SQLITE_DONE)
    throw_sqlite_error(nullptr, code, "copy database", to_utf8(target.file()));
}

std::string sqlite_version() {
  return sqlite3_libversion();
}

}  // namespace tidesync
