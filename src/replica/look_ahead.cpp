#include "replica/look_ahead.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "base/mutation.h"
#include "sqlite/transaction.h"

namespace tidesync {
namespace {

std::size_t hash_of(std::string_view key) {
  return std::hash<std::string_view>()(key) | 1;  // never 0
}

}  // namespace

bool read_touched(Local& local, const TableShape& shape, const Touched& touched, RowImage& mine) {
  TableAccess& table = local.table(shape.id);
  return touched.base ? table.read_through(touched.key, *touched.base, mine)
                      : table.read(touched.key, mine);
}

LookAhead::LookAhead(Local& local, Scratch& scratch)
    : local_(local), version_(local.db().data_version()) {
  // A transaction for each row would cost more than its row; one for all would keep the application
  // from committing.
  constexpr std::size_t kRowsTogether = 200;
  std::optional<Transaction> reading;
  RowImage mine;
  for (const TableShape& shape : local.shapes()) {
    std::vector<std::size_t>& as_before = as_before_[shape.id];
    scratch.for_each_touched(shape.id, [&](const Touched& touched) {
      if (as_before.size() % kRowsTogether == 0) reading.reset();
      if (!reading) reading.emplace(local.db(), Transaction::Kind::kDeferred);
      const bool exists = read_touched(local, shape, touched, mine);
      const bool same = exists ? touched.base && mine == *touched.base : !touched.base;
      as_before.push_back(same ? hash_of(touched.key) : 0);
    });
  }
}

bool LookAhead::is_current() const {
  return local_.db().data_version() == version_ || mutated(Mutation::kOldLookAhead);
}

bool LookAhead::is_as_before(std::uint32_t table, std::size_t place, std::string_view key) const {
  const auto found = as_before_.find(table);
  return found != as_before_.end() && place < found->second.size() &&
         found->second[place] == hash_of(key);
}

}  // namespace tidesync
