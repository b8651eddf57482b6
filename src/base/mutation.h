// Deliberate mistakes, one for each rule that keeps data safe. The simulator switches one on and
// must notice (tests/sim/mutation_test.cpp): a check that lets a mistake pass proves nothing.
//
// Only builds with tests contain them; in any other, mutated() is false while compiling. They are
// set in process only: no option and no environment variable of the program reaches them.
// Thread rule: set while no other thread runs.
#pragma once

#include <array>
#include <string_view>

namespace tidesync {

enum class Mutation {
  kNone,
  kOwnByNodeId,       // a batch is our own if it has our node id and incarnation
  kOwnAnywhere,       // our own batch is taken as known wherever in the log it stands
  kIntentsOutside,    // intents survive a restore of the application's database
  kHeadOnly,          // only the newest known entry is looked for on the share
  kNoTip,             // what a restored database once knew is not put back on the share
  kHintsWithoutMark,  // hints of changes made after the scan are forgotten with the others
  kCursorApart,       // the cursor is committed before the rows it stands for
  kBaseFirst,         // the base copy is committed before the application's database
  kNoRepair,          // missing parents are not restored
  kNoConflictRow,     // what loses a decision is not kept
  kNoCountCheck,      // the scan trusts the hints
  kNoRenumber,        // two records with one number are taken for one
  kReplyTrusted,      // what a publish answered is believed, nothing is read back
  kEntryReplaced,     // an entry is published by a rename over its name
  kOldLookAhead,      // what was read before the lock is believed, whoever wrote since
  kReturnUnnamed,     // a record that comes back does not say which deletion had taken it
  kUnheld,  // rows of tables that stand still are not held: what changed there counts as known
  kColumnsTrusted,  // what an update puts into a new column counts as typed by somebody
  kTypesTrusted,    // what a column of another type makes of a value counts as an edit
  kOldIncarnation,  // a restored or copied database goes on under its old incarnation
};

struct MutationName {
  Mutation mutation;
  std::string_view name;
};

inline constexpr std::array kMutations{
    MutationName{Mutation::kOwnByNodeId, "own-by-node-id"},
    MutationName{Mutation::kOwnAnywhere, "own-anywhere"},
    MutationName{Mutation::kIntentsOutside, "intents-outside"},
    MutationName{Mutation::kHeadOnly, "head-only"},
    MutationName{Mutation::kNoTip, "no-tip"},
    MutationName{Mutation::kHintsWithoutMark, "hints-without-mark"},
    MutationName{Mutation::kCursorApart, "cursor-apart"},
    MutationName{Mutation::kBaseFirst, "base-first"},
    MutationName{Mutation::kNoRepair, "no-repair"},
    MutationName{Mutation::kNoConflictRow, "no-conflict-row"},
    MutationName{Mutation::kNoCountCheck, "no-count-check"},
    MutationName{Mutation::kNoRenumber, "no-renumber"},
    MutationName{Mutation::kReplyTrusted, "reply-trusted"},
    MutationName{Mutation::kEntryReplaced, "entry-replaced"},
    MutationName{Mutation::kOldLookAhead, "old-look-ahead"},
    MutationName{Mutation::kReturnUnnamed, "return-unnamed"},
    MutationName{Mutation::kUnheld, "unheld"},
    MutationName{Mutation::kColumnsTrusted, "columns-trusted"},
    MutationName{Mutation::kTypesTrusted, "types-trusted"},
    MutationName{Mutation::kOldIncarnation, "old-incarnation"}};

#ifdef TIDESYNC_MUTATIONS
bool mutated(Mutation mutation);
// One at a time; kNone switches it off.
void set_mutation(Mutation mutation);
#else
constexpr bool mutated(Mutation) {
  return false;
}
#endif

}  // namespace tidesync
