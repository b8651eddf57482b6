// A value that a person typed, as a column would hold it. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/value.h"

namespace tidesync {

// SQLite itself converts a text by the declared type of its column; a column without one that makes
// a difference takes the type of the first example that is not NULL, where the text can be read so.
// x'0aff' is a blob there where the example is one.
Value typed_value(const std::string& text, const std::string& decl_type,
                  const std::vector<ValueView>& examples);

}  // namespace tidesync
