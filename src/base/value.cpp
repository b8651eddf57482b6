#include "base/value.h"

#include <bit>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/error.h"
#include "base/text.h"

namespace tidesync {
namespace {

template <typename T>
void append_le(std::string& out, T v) {
  static_assert(std::endian::native == std::endian::little, "formats are little endian");
  char raw[sizeof v];
  std::memcpy(raw, &v, sizeof v);
  out.append(raw, sizeof v);
}

template <typename T>
T load_le(const char* p) {
  T v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

[[noreturn]] void throw_cut_short() {
  throw Error(ErrorCode::kDamaged, "decode", "row image", "the bytes end inside a value");
}

// The shortest form that is not mistaken for another value: 0.1, 1.0 (not the integer 1),
// 0.30000000000000004.
std::string display_real(double real) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.15g", real);
  if (std::strtod(buffer, nullptr) != real) std::snprintf(buffer, sizeof buffer, "%.17g", real);
  const bool looks_like_integer = std::strspn(buffer, "-0123456789") == std::strlen(buffer);
  return looks_like_integer ? std::string(buffer) + ".0" : buffer;
}

}  // namespace

void append_u16(std::string& out, std::uint16_t v) {
  append_le(out, v);
}
void append_u32(std::string& out, std::uint32_t v) {
  append_le(out, v);
}
void append_u64(std::string& out, std::uint64_t v) {
  append_le(out, v);
}
std::uint16_t load_u16(const char* p) {
  return load_le<std::uint16_t>(p);
}
std::uint32_t load_u32(const char* p) {
  return load_le<std::uint32_t>(p);
}
std::uint64_t load_u64(const char* p) {
  return load_le<std::uint64_t>(p);
}

bool operator==(const ValueView& a, const ValueView& b) {
  if (a.type != b.type) return false;
  switch (a.type) {
    case ValueType::kNull:
      return true;
    case ValueType::kInteger:
      return a.integer == b.integer;
    case ValueType::kReal:
      return std::memcmp(&a.real, &b.real, sizeof a.real) == 0;
    case ValueType::kText:
    case ValueType::kBlob:
      return a.bytes == b.bytes;
  }
  return false;
}

Value::Value(const ValueView& v)
    : type_(v.type), integer_(v.integer), real_(v.real), bytes_(v.bytes) {}

ValueView Value::view() const {
  return {type_, integer_, real_, bytes_};
}

void append_value(std::string& out, const ValueView& value) {
  out.push_back(static_cast<char>(value.type));
  switch (value.type) {
    case ValueType::kNull:
      break;
    case ValueType::kInteger:
      append_le(out, value.integer);
      break;
    case ValueType::kReal:
      append_le(out, value.real);
      break;
    case ValueType::kText:
    case ValueType::kBlob:
      append_u32(out, static_cast<std::uint32_t>(value.bytes.size()));
      out.append(value.bytes);
      break;
  }
}

std::string_view ValueReader::next_encoded() {
  if (rest_.empty()) throw_cut_short();
  std::uint64_t size = 1;
  switch (static_cast<unsigned char>(rest_[0])) {
    case 0:
      break;
    case 1:
    case 2:
      size += 8;
      break;
    case 3:
    case 4:
      if (rest_.size() < 5) throw_cut_short();
      size += 4 + std::uint64_t{load_u32(rest_.data() + 1)};
      break;
    default:
      throw Error(ErrorCode::kDamaged, "decode", "row image", "unknown value tag");
  }
  if (rest_.size() < size) throw_cut_short();
  const std::string_view encoded = rest_.substr(0, static_cast<std::size_t>(size));
  rest_.remove_prefix(encoded.size());
  return encoded;
}

ValueView ValueReader::next() {
  const std::string_view encoded = next_encoded();
  const char* payload = encoded.data() + 1;
  switch (static_cast<ValueType>(encoded[0])) {
    case ValueType::kNull:
      return ValueView::null();
    case ValueType::kInteger:
      return ValueView::of(load_le<std::int64_t>(payload));
    case ValueType::kReal:
      return ValueView::of_real(load_le<double>(payload));
    case ValueType::kText:
      return ValueView::text(encoded.substr(5));
    case ValueType::kBlob:
      return ValueView::blob(encoded.substr(5));
  }
  return {};
}

std::vector<ValueView> decode_image(std::string_view image) {
  std::vector<ValueView> values;
  for (ValueReader reader(image); !reader.at_end();) values.push_back(reader.next());
  return values;
}

std::vector<std::string_view> split_image(std::string_view image) {
  std::vector<std::string_view> parts;
  for (ValueReader reader(image); !reader.at_end();) parts.push_back(reader.next_encoded());
  return parts;
}

std::string display(const ValueView& value, std::size_t limit) {
  switch (value.type) {
    case ValueType::kNull:
      return "NULL";
    case ValueType::kInteger:
      return std::to_string(value.integer);
    case ValueType::kReal:
      return display_real(value.real);
    case ValueType::kText:
      return "'" + shorten_utf8(printable(value.bytes), limit) + "'";
    case ValueType::kBlob:
      return "x'" + to_hex(value.bytes.substr(0, limit / 2)) +
             (value.bytes.size() > limit / 2
                  ? "…' (" + std::to_string(value.bytes.size()) + " bytes)"
                  : "'");
  }
  return {};
}

}  // namespace tidesync
