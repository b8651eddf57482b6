#include "base/error.h"
#include "base/text.h"
#include "inspect/replica_view.h"
#include "inspect/row_diff.h"
#include "inspect/status.h"
#include "inspect/typed_key.h"

namespace tidesync {

void read_diff(Environment& env, const Path& database, const std::string& table,
               const std::string& key, const std::function<void(const RowDiff&)>& row) {
  ReplicaView view(env, database);
  if (!table.empty() && (!view.base().find_shape(table) || view.base().find_shape(table)->system)) {
    std::vector<std::string> names;
    for (const TableShape& shape : view.local().shapes()) {
      if (!shape.system) names.push_back(shape.name);
    }
    throw Error(ErrorCode::kUsage, "compare table", table, "it is not a synced table",
                "Synced tables are: " + join(names, ", "));
  }
  for (const TableShape& shape : view.local().shapes()) {
    if (shape.system) continue;
    if (!table.empty() && to_lower_ascii(table) != to_lower_ascii(shape.name)) continue;
    view.scanner().for_each_difference(shape, [&](const Difference& difference) {
      if (!key.empty() && typed_key(difference.hint.key) != key) return;
      row(describe_row(shape, difference.hint.key, difference.base, difference.mine));
    });
  }
}

}  // namespace tidesync
