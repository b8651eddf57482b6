// Keys as people type them: "17", "Ulm,1". Private to this room.
#pragma once

#include <string>
#include <vector>

#include "merge/table_shape.h"

namespace tidesync {

std::string typed_key(const KeyImage& key);
// The keys that a typed text may mean: 17 may be a number or a text.
std::vector<KeyImage> possible_keys(const TableShape& shape, const std::string& typed);

}  // namespace tidesync
