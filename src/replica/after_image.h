// What a row became, in few bytes beside what it was: for the scratch tables, which must not grow
// to twice their size. Plain functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/value.h"

namespace tidesync {

// nullptr: the row is absent. Never empty.
std::string encode_after(const RowImage* before, const RowImage* after);
// `before` as given to encode_after(). nullopt: absent.
std::optional<RowImage> decode_after(std::string_view bytes, const std::optional<RowImage>& before);

}  // namespace tidesync
