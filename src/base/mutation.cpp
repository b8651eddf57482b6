#include "base/mutation.h"

namespace tidesync {

#ifdef TIDESYNC_MUTATIONS
namespace {

Mutation current = Mutation::kNone;

}  // namespace

bool mutated(Mutation mutation) {
  return current == mutation;
}

void set_mutation(Mutation mutation) {
  current = mutation;
}
#endif

}  // namespace tidesync
