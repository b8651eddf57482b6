// A backup of master.db as a source of rows: found, fetched to this computer, checked, opened.
// Private to this room.
#pragma once

#include <memory>
#include <string>

#include "share/backups.h"
#include "sync/edit_session.h"

namespace tidesync {

class BackupSource {
 public:
  // `text`: a name, the beginning of a date, or a file with its note beside it. Throws Error
  // kNotFound, kDamaged, kTooNew, kWrongShare, kShareUnreachable.
  BackupSource(Environment& env, EditSession& session, const std::string& text);
  ~BackupSource();
  BackupSource(const BackupSource&) = delete;
  BackupSource& operator=(const BackupSource&) = delete;

  const std::string& name() const { return name_; }
  const BackupNote& note() const { return note_; }
  Database& db() { return *db_; }

 private:
  void take_file(const Path& file);
  void take_from_share(const std::string& text);
  void open();

  Environment& env_;
  EditSession& session_;
  Path copy_;
  std::string name_;
  BackupNote note_;
  std::unique_ptr<Database> db_;
};

}  // namespace tidesync
