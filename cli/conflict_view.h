// One conflict on a terminal: base, winner and loser side by side, how things stand, what to do.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "cli/command.h"
#include "cli/conflict_words.h"
#include "inspect/conflicts.h"

namespace tidesync {

// `full`: also the columns in which all versions agree.
void print_conflict(Session& session, const ConflictView& view, bool full);

// Base, winner and loser side by side. The first cell of a line is "*" where winner and loser
// contradict each other, "+" where one side changed. `left_out`: columns that agree everywhere.
Table versions_table(const ConflictRow& conflict, const Reader& reader, bool full,
                     std::size_t& left_out);

nlohmann::ordered_json to_json(const NamedRow& row);
nlohmann::ordered_json to_json(const ConflictRow& conflict);
nlohmann::ordered_json to_json(const ConflictView& view);

}  // namespace tidesync
