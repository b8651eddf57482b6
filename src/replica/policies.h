// Policies as one text on the share, the same for everybody: canonical JSON, "" when nothing was
// chosen. The share's text stands in the schema section (ShareSchema::policies) and in base.db;
// Base obeys it. How a change comes about:
//
//   an admin edits [tables] in a node's config.toml; that node's next run sees a text other than
//   the one it proposed last (tidesync_meta, policies_seen) and publishes it. A node whose
//   config.toml did not change follows the share, whatever its config.toml says.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "merge/policy.h"
#include "replica/local.h"

namespace tidesync {

// Equal sets give equal texts: tables sorted by name, defaults left out.
std::string to_json(const PolicySet& policies);
// Throws Error kDamaged for what is no such text, kTooNew for a policy this version does not know:
// nodes that merge by different rules would not agree.
PolicySet parse_policies(std::string_view text);

// The text to publish, because this node's admin changed it; nothing when the share's policies
// stand. `shared` is the share's text. "" takes all choices back.
std::optional<std::string> policies_to_publish(Local& local, const PolicySet& configured,
                                               std::string_view shared);
// Remembers this node's text as proposed. To be called in the transaction that acknowledges the
// batch with it, and in any later one of a run in which there is nothing to publish.
void note_policies_proposed(Local& local, const PolicySet& configured);
// What it last remembered.
PolicySet policies_noted(Local& local);

}  // namespace tidesync
