#include "replica/stored_form.h"

#include "base/error.h"
#include "base/text.h"
#include "replica/schema_reader.h"

namespace tidesync {

std::string stored_literal_image(const std::string& decl_type, const std::string& literal) {
  Database db = Database::in_memory();
  std::string image;
  try {
    db.exec("CREATE TABLE t (c " + (decl_type.empty() ? "" : quote_type(decl_type)) +
            "); INSERT INTO t VALUES (" + literal + ")");
    Statement row = db.prepare("SELECT c FROM t");
    if (row.step()) row.append_columns(image, 0, 1);
  } catch (const Error&) {
    image.clear();
  }
  return image;
}

StoredForm::StoredForm(const std::string& decl_type, const std::string& encoding)
    : db_(Database::in_memory()) {
  const std::string type = decl_type.empty() ? "" : quote_type(decl_type);
  db_.exec("PRAGMA encoding = " + quote_text(encoding) + "; CREATE TABLE t (c " + type +
           "); INSERT INTO t VALUES (NULL)");
  write_ = db_.prepare("UPDATE t SET c = ?1");
  read_ = db_.prepare("SELECT c FROM t");
}

const std::string& StoredForm::of(std::string_view encoded_value) {
  if (asked_ == encoded_value) return stored_;
  asked_ = encoded_value;
  write_.bind_image(1, asked_);
  write_.run();
  stored_.clear();
  if (read_.step()) read_.append_columns(stored_, 0, 1);
  read_.reset();
  return stored_;
}

}  // namespace tidesync
