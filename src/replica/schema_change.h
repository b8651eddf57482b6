// A later change of the shared schema: new tables and columns, other constraints, other policies.
//
// It travels whole, as the schema before and after (JSON {"from": ..., "to": ...}), in the `schema`
// section of the batch that brings the first values, and is applied to the base copy before that
// batch's changes; taking the batch away again applies it the other way round. What rows have in a
// column that is new is the same on every node: the column's default (schema_reader's
// default_literal).
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "replica/share_schema.h"

namespace tidesync {

struct SchemaChange {
  ShareSchema from, to;

  SchemaChange backward() const { return {to, from}; }
  // Numbers of the tables whose rows change their shape, or that come or go.
  std::set<std::uint32_t> altered() const;
};

bool is_schema_change(std::string_view json);
std::string to_json(const SchemaChange& change);
// Throws Error kDamaged.
SchemaChange parse_schema_change(std::string_view json);

// In the transaction of the caller. Throws Error when the rows that are there cannot have the new
// form (a NOT NULL or UNIQUE that they break): then nothing of it may be kept.
void change_base_tables(Database& base, const SchemaChange& change);

}  // namespace tidesync
