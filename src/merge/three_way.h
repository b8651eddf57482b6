// Three-way merge of one row: what this node has (mine), what the log says (theirs), and what both
// started from (base). Obeys TableShape::policy. Pure: no database, no clock. docs/merge-rules.md
// says the rules in words.
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
  bool uncertain = false;  // at_ms is a guess: nobody saw the change, or its clock ran ahead
};
bool newer(const Author& a, const Author& b);

// Two times that are closer than this do not tell which edit came first: the clock of each node is
// known to about a second, and many applications write stamps in whole seconds.
inline constexpr std::int64_t kTimeUncertaintyMs = 2000;

struct RowVersions {
  const std::string* base = nullptr;  // nullptr: the row did not exist
  const std::string* mine = nullptr;  // nullptr: deleted here
  const std::string* theirs = nullptr;
};

// mine != base and theirs != base; mine != theirs but for rows with an additive column.
struct MergeInput {
  RowVersions rows;
  Author mine;
  Author theirs;  // of the last change of the row
  // Authors per column of theirs, where they are known to differ from `theirs`; by position.
  std::vector<std::pair<std::size_t, Author>> theirs_columns;
  // One side deleted the row and inserted another one with its key: columns of the two must not
  // mix.
  bool whole_row = false;
  // False when mine may hold changes of theirs already: then nothing is added twice.
  bool adds_up = true;
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

// Which of two whole rows is taken, by TablePolicy::prefer, and why in words: "newest row wins".
struct Verdict {
  bool mine_won = false;
  std::string why;
};
Verdict choose_row(const TableShape& shape, const Author& mine, const Author& theirs);

}  // namespace tidesync
