// Three-way merge of one row: what this node has (mine), what the log says (theirs), and what both
// started from (base). Pure: no database, no clock. docs/merge-rules.md says the rules in words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/value.h"
#include "merge/table_shape.h"

namespace tidesync {

// Who made a version, and when on the share's scale. Compared by time, then node, then incarnation:
// a total order that is the same on every computer.
struct Author {
  std::int64_t at_ms = 0;
  std::string node;
  std::string incarnation;
  std::string user;
};
bool newer(const Author& a, const Author& b);

struct RowVersions {
  const std::string* base = nullptr;  // nullptr: the row did not exist
  const std::string* mine = nullptr;  // nullptr: deleted here
  const std::string* theirs = nullptr;
};

// The three versions differ, that is: mine != theirs, mine != base and theirs != base.
struct MergeInput {
  RowVersions rows;
  Author mine;
  Author theirs;  // of the last change of the row
  // Authors per column of theirs, where they are known to differ from `theirs`; by position.
  std::vector<std::pair<std::size_t, Author>> theirs_columns;
  // One side deleted the row and inserted another one with its key: columns of the two must not
  // mix.
  bool whole_row = false;
};

enum class MergeKind {
  kUnion,       // different columns: both kept, no conflict
  kColumn,      // the same column changed twice
  kWholeRow,    // two rows of which one must be chosen
  kEditDelete,  // edited on one side, deleted on the other
};

// One decision against a version, to be kept.
struct Decision {
  bool mine_won = false;
  std::string rule;                  // "same column changed: newest wins (price)"
  std::vector<std::size_t> columns;  // where the versions disagreed
};

struct MergeOutput {
  MergeKind kind = MergeKind::kUnion;
  std::optional<RowImage> merged;   // nullopt: the row is deleted
  std::vector<Decision> decisions;  // none, one, or one against each side
};

MergeOutput merge_row(const TableShape& shape, const MergeInput& input);

}  // namespace tidesync
