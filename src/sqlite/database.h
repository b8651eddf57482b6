// A SQLite connection in SQLite's own words. This room is the only one that includes sqlite3.h.
//
// Never read or write a database file by other means while a connection on it is open in this
// process: POSIX drops SQLite's locks when any descriptor of the file is closed.
// Thread rule: a connection and its statements belong to one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/file_system.h"
#include "sqlite/statement.h"

struct sqlite3;

namespace tidesync {

enum class OpenMode {
  kReadOnly,   // must exist
  kReadWrite,  // must exist
  kCreate,     // made when absent
};

class Database {
 public:
  // How long a call waits for another connection's lock when nobody says otherwise; the first call
  // is the check in open().
  static constexpr int kBusyTimeoutMs = 5000;

  // Opens the file and checks that it is a SQLite database that can be read. Throws Error:
  // kNotFound, kNotADatabase (also: encrypted), kNoPermission, kReadOnly, kSql.
  static Database open(const Path& file, OpenMode mode, int busy_timeout_ms = kBusyTimeoutMs);
  // For the application's own database: foreign keys and triggers off on this connection,
  // defensive, untrusted schema, no checkpoints and no loading of extensions, so that nothing but
  // our own rows is ever written.
  static Database open_application(const Path& file, int busy_timeout_ms = kBusyTimeoutMs);
  // For a file that came from the share, after its digest was checked: read only, and nothing in it
  // can run (no views, triggers, extensions or functions with effects).
  static Database open_untrusted(const Path& file, int busy_timeout_ms = kBusyTimeoutMs);
  // The same for a file that is replaced as a whole and never changed in place, as master.db: no
  // lock is taken or waited for and no file made beside it, so that a read-only share will do.
  // Precondition: it has no write-ahead log and no journal, they would not be looked at.
  static Database open_immutable(const Path& file);
  static Database in_memory();
  // Private, nameless, gone when closed; kept in memory while small, then in a temporary file.
  static Database temporary();

  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  const Path& file() const;

  // Runs one or several statements without results.
  void exec(const std::string& sql);
  // A statement of its own, for the caller to keep.
  Statement prepare(std::string_view sql);
  // A statement kept by the connection for the text, reset and ready. Do not nest uses of one text.
  Statement& cached(const std::string& sql);
  void clear_cache();

  // First column of the first row as a number or text; `fallback` when there is no row or NULL.
  std::int64_t get_int(const std::string& sql, std::int64_t fallback = 0);
  std::string get_text(const std::string& sql, const std::string& fallback = {});

  bool has_table(std::string_view name);
  std::int64_t changes() const;
  bool in_transaction() const;
  // The tables as they were when the connection last looked: a number that moves with every change.
  std::int64_t schema_version();

  // An error said that a function or collation is not there, which only the application has: from
  // here on this connection has one of that name that makes nothing of its values. For CREATE
  // statements on empty tables alone: what it would write into an index would be wrong. False when
  // the text says nothing of the kind.
  bool add_stand_in(const std::string& error);
  // How long a call waits for another connection's lock before Error kBusy.
  void set_busy_timeout_ms(int timeout_ms);
  // Whether another process's writes were committed since the last call (PRAGMA data_version).
  std::int64_t data_version();

  // Copies the whole database into the new file, pages as they are, under a read lock (backup API).
  void backup_to(const Path& file);
  // The same for a file that is thrown away should the computer stop: nothing is forced to disk.
  // A large file goes over in large pieces (file_copy.h).
  void copy_pages_to(const Path& file);

 private:
  Database();
  static Database open_private(const char* name);
  void copy_into(Database& target);
  static Database open_named(const Path& file, const std::string& name, int flags,
                             int busy_timeout_ms);
  void distrust();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Version text of the linked SQLite.
std::string sqlite_version();

}  // namespace tidesync
