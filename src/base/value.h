// SQLite values as bytes: the one place that decides when two values are equal.
//
// Equality everywhere is "same type and same bytes" (never SQL's = or IS, for which 1 = 1.0 and,
// under NOCASE, 'a' = 'A'). A value is encoded as a tag byte and a payload; a row, and a key, is
// the concatenation of its encoded values. Rows are compared, stored and hashed in this form and
// decoded only when a column has to be looked at.
//
//   0 NULL | 1 INTEGER i64 | 2 REAL 8 raw IEEE-754 bytes | 3 TEXT u32 length + bytes
//   4 BLOB u32 length + bytes                                 (all numbers little endian)
//
// TEXT may hold NUL and invalid UTF-8. NaN cannot occur (SQLite stores NULL); -0.0 keeps its bits.
// Thread rule: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidesync {

enum class ValueType : std::uint8_t { kNull = 0, kInteger = 1, kReal = 2, kText = 3, kBlob = 4 };

// A value that refers to bytes owned elsewhere (a statement's row, an encoded row).
struct ValueView {
  ValueType type = ValueType::kNull;
  std::int64_t integer = 0;  // kInteger
  double real = 0;           // kReal
  std::string_view bytes;    // kText, kBlob

  static ValueView null() { return {}; }
  static ValueView of(std::int64_t v) { return {ValueType::kInteger, v, 0, {}}; }
  static ValueView of_real(double v) { return {ValueType::kReal, 0, v, {}}; }
  static ValueView text(std::string_view v) { return {ValueType::kText, 0, 0, v}; }
  static ValueView blob(std::string_view v) { return {ValueType::kBlob, 0, 0, v}; }

  bool is_null() const { return type == ValueType::kNull; }
};

// Same type and same bytes.
bool operator==(const ValueView& a, const ValueView& b);
inline bool operator!=(const ValueView& a, const ValueView& b) {
  return !(a == b);
}

// A value that owns its bytes.
class Value {
 public:
  Value() = default;
  explicit Value(const ValueView& v);
  static Value null() { return {}; }
  static Value of(std::int64_t v) { return Value(ValueView::of(v)); }
  static Value text(std::string_view v) { return Value(ValueView::text(v)); }

  // Valid while this object lives and is not changed.
  ValueView view() const;

 private:
  ValueType type_ = ValueType::kNull;
  std::int64_t integer_ = 0;
  double real_ = 0;
  std::string bytes_;
};

// Encoded values, one after the other. RowImage: all synced columns of a row in the order of its
// TableShape. KeyImage: its key columns in key order.
using RowImage = std::string;
using KeyImage = std::string;

void append_value(std::string& out, const ValueView& value);

// Reads encoded values one after the other. Every read is bounds-checked: throws Error kDamaged
// when the bytes are not a whole sequence of values.
class ValueReader {
 public:
  explicit ValueReader(std::string_view bytes) : rest_(bytes) {}
  bool at_end() const { return rest_.empty(); }
  ValueView next();
  // The encoded bytes of the next value, without decoding it.
  std::string_view next_encoded();

 private:
  std::string_view rest_;
};

// All values of an image; the views refer into `image`.
std::vector<ValueView> decode_image(std::string_view image);
// The encoded form of each value of an image; the views refer into `image`.
std::vector<std::string_view> split_image(std::string_view image);

// Little-endian numbers in byte strings, for every binary format of the project.
void append_u16(std::string& out, std::uint16_t v);
void append_u32(std::string& out, std::uint32_t v);
void append_u64(std::string& out, std::uint64_t v);
std::uint16_t load_u16(const char* p);
std::uint32_t load_u32(const char* p);
std::uint64_t load_u64(const char* p);

// For people: NULL, 12, 1.5, 'text' (shortened past `limit` bytes), x'0a0b'.
std::string display(const ValueView& value, std::size_t limit = 80);

}  // namespace tidesync
