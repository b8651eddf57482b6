#include "sync/typed_value.h"

#include <charconv>
#include <cstdlib>

#include "base/text.h"

namespace tidesync {
namespace {

bool contains(const std::string& type, const char* word) {
  return type.find(word) != std::string::npos;
}

// Whether SQLite leaves a text in such a column as it is though it is no column of texts.
bool has_no_affinity(const std::string& decl_type) {
  const std::string type = to_lower_ascii(decl_type);
  if (contains(type, "int") || contains(type, "char") || contains(type, "clob") ||
      contains(type, "text")) {
    return false;
  }
  return type.empty() || contains(type, "blob") || type == "any";
}

const ValueView* first_example(const std::vector<ValueView>& examples) {
  for (const ValueView& value : examples) {
    if (!value.is_null()) return &value;
  }
  return nullptr;
}

bool is_blob_literal(const std::string& text) {
  return text.size() >= 3 && (text[0] == 'x' || text[0] == 'X') && text[1] == '\'' &&
         text.back() == '\'' &&
         (text.size() == 3 || !from_hex(text.substr(2, text.size() - 3)).empty());
}

}  // namespace

Value typed_value(const std::string& text, const std::string& decl_type,
                  const std::vector<ValueView>& examples) {
  const ValueView* example = first_example(examples);
  if (example && example->type == ValueType::kBlob && is_blob_literal(text))
    return Value(ValueView::blob(from_hex(text.substr(2, text.size() - 3))));
  if (!example || !has_no_affinity(decl_type)) return Value::text(text);
  const char* end = text.data() + text.size();
  std::int64_t integer = 0;
  const auto read = std::from_chars(text.data(), end, integer);
  const bool is_integer = read.ec == std::errc() && read.ptr == end;
  if (example->type == ValueType::kInteger && is_integer) return Value::of(integer);
  double real = 0;
  const auto read_real = std::from_chars(text.data(), end, real);
  const bool is_real = !text.empty() && read_real.ec == std::errc() && read_real.ptr == end;
  const bool is_number = example->type == ValueType::kInteger || example->type == ValueType::kReal;
  if (is_number && is_real) return Value(ValueView::of_real(real));
  return Value::text(text);
}

}  // namespace tidesync
