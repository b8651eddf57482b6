// Rows of sync_conflicts as values: what journal.h wrote, read back. Reads only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "sqlite/database.h"

namespace tidesync {

struct NamedValue {
  std::string column;
  Value value;
};
using NamedRow = std::vector<NamedValue>;

// The value of a column, found without regard to case; nullptr when the row has none.
const Value* find_value(const NamedRow& row, std::string_view column);
// What row_json() and key_json() make. Throws Error kDamaged.
NamedRow parse_row_json(std::string_view json);
// "17", "Ulm,1": a key as a person types it.
std::string typed_key(const NamedRow& key);

struct ConflictRow {
  std::string id, table;
  NamedRow key;
  std::string kind;
  std::optional<NamedRow> base, winner, loser;  // nullopt: there is no such row
  std::string winner_node, loser_node, winner_user, loser_user;
  std::string winner_updated_at, loser_updated_at;  // ISO UTC
  std::string rule, created_at;
  std::string resolved_at, resolved_by, resolution;  // resolved_at "": open

  bool is_open() const { return resolved_at.empty(); }
};

struct ConflictFilter {
  enum class Which { kOpen, kResolved, kAll };
  Which which = Which::kOpen;
  std::string table, node;  // "" for all; a node that won or lost
  std::uint64_t limit = 0;  // 0: no limit
};
// Newest first. A row that cannot be read is there, and says so in its rule.
std::vector<ConflictRow> list_conflicts(Database& db, const ConflictFilter& filter);
std::uint64_t count_conflicts(Database& db, const ConflictFilter& filter);
// When the oldest open conflict was decided (ISO UTC); "" when none is open.
std::string oldest_open_conflict(Database& db);

// The conflict whose id begins so. Throws Error kNotFound when there is none, kUsage when there are
// several (they are listed) or the text is no beginning of an id.
ConflictRow find_conflict(Database& db, const std::string& id_prefix);
// The one with exactly this id.
std::optional<ConflictRow> read_conflict(Database& db, const std::string& id);

// The same; a row that cannot be read is there, and says so in its rule.
std::optional<ConflictRow> read_conflict_or_note(Database& db, const std::string& id);

// How much of the id a person needs: unique in this database, at least 8 digits.
std::string short_conflict_id(Database& db, const std::string& id);

// updated_at, updated_by, synced_at: they follow the row and are never in dispute.
bool is_stamp_column(std::string_view column);
// Columns in which winner and loser contradict each other; empty when one of them is no row.
std::vector<std::string> disputed_columns(const ConflictRow& conflict);

}  // namespace tidesync
