// A prepared statement. Views it returns live until the next step, reset or destruction.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/value.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tidesync {

// What a step that writes a row came to. Everything else throws Error.
enum class WriteOutcome {
  kDone,
  kUnique,      // a UNIQUE or PRIMARY KEY would be violated
  kConstraint,  // CHECK, NOT NULL, a type of a STRICT table
};

class Statement {
 public:
  Statement() = default;
  // `sql` is compiled now. Throws Error kSql naming the text.
  Statement(sqlite3* connection, std::string_view sql);
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  // Parameters count from 1. Texts and blobs are copied.
  Statement& bind(int parameter, const ValueView& value);
  Statement& bind(int parameter, std::int64_t value) {
    return bind(parameter, ValueView::of(value));
  }
  Statement& bind_text(int parameter, std::string_view text) {
    return bind(parameter, ValueView::text(text));
  }
  Statement& bind_blob(int parameter, std::string_view blob) {
    return bind(parameter, ValueView::blob(blob));
  }
  // Binds the values of an image to parameters first, first+1 ...; returns the next free one.
  // The image must outlive the next reset().
  int bind_image(int first, std::string_view image);

  // true: a row is there. false: done.
  bool step();
  // Steps to the end, ignoring rows; resets.
  void run();
  // As run(), for a statement that writes one row: constraint failures are an outcome.
  WriteOutcome run_write();
  void reset();

  int column_count() const;
  ValueView column(int index) const;
  std::int64_t get_int(int index) const { return column(index).integer; }
  std::string get_text(int index) const { return std::string(column(index).bytes); }
  std::string column_name(int index) const;
  // Appends columns first .. first+count-1 of the current row as encoded values.
  void append_columns(std::string& image, int first, int count) const;

 private:
  void bind_view(int parameter, const ValueView& value, bool copy);
  sqlite3_stmt* stmt_ = nullptr;
};

}  // namespace tidesync
