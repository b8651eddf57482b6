#include "base/error.h"
#include "base/text.h"
#include "inspect/replica_view.h"
#include "inspect/status.h"
#include "inspect/typed_key.h"

namespace tidesync {
namespace {

RowDiff describe(const TableShape& shape, const Difference& difference) {
  RowDiff row;
  row.table = shape.name;
  row.key = display_key(shape, difference.hint.key);
  row.kind = !difference.base ? "insert" : !difference.mine ? "delete" : "update";
  const auto base = difference.base ? decode_image(*difference.base) : std::vector<ValueView>();
  const auto mine = difference.mine ? decode_image(*difference.mine) : std::vector<ValueView>();
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    if (difference.base && difference.mine && base[i] == mine[i]) continue;
    row.columns.push_back({shape.columns[i].name, difference.base ? display(base[i]) : "",
                           difference.mine ? display(mine[i]) : ""});
  }
  return row;
}

}  // namespace

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
      row(describe(shape, difference));
    });
  }
}

}  // namespace tidesync
