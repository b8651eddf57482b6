#include "replica/table_history.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace tidesync {
namespace {

std::string null_image() {
  std::string image;
  append_value(image, ValueView::null());
  return image;
}

}  // namespace

TableHistory::TableHistory(Local& local, Base& base, Scratch& hints, const Newcomer& newcomer)
    : local_(local),
      base_(base),
      hints_(hints),
      newcomer_(newcomer),
      shape_(local.table(newcomer.table).shape()),
      is_new_(newcomer.is_new) {
  if (newcomer.was_gated && !is_new_) {
    has_held_ = base.held().holds(shape_.id) && base.held().from(shape_.id) == newcomer.gated_from;
    is_known_ = has_held_;
  }
  if (has_held_) find_held_keys();
  for (const std::string& name : newcomer.columns) {
    const std::size_t at = shape_.find_column(name).value();
    const ColumnShape& column = shape_.columns[at];
    if (!is_key(at))
      columns_.push_back({at, stored_literal_image(column.decl_type, column.default_value), ""});
  }
  find_retyped();
  if (is_new_ || !is_known_) return;
  if (newcomer.was_altered || newcomer.is_untracked) find_emptied();
  if (newcomer.is_untracked && is_another_table()) is_new_ = true;
  find_continued();
}

bool TableHistory::is_key(std::size_t column) const {
  return std::find(shape_.key.begin(), shape_.key.end(), column) != shape_.key.end();
}

bool TableHistory::is_listed(std::size_t column) const {
  return std::any_of(columns_.begin(), columns_.end(),
                     [&](const NewColumn& c) { return c.at == column; });
}

void TableHistory::for_each_key(const std::function<void(const KeyImage&)>& visit) {
  // Keys first: a table must not be changed while it is read.
  Scratch keys;
  const auto note = [&](const KeyImage& key) {
    if (!keys.find_hint(shape_.id, key))
      keys.add_hint(shape_.id, key, 0, static_cast<int>(HintKind::kUpdated));
  };
  {
    TableAccess& here = local_.table(shape_.id);
    TableAccess& there = base_.table(shape_.id);
    RowImage other;
    Statement rows = there.scan();
    while (rows.step()) {
      const RowImage theirs = there.image_of(rows);
      const KeyImage key = key_of(shape_, theirs);
      if (!here.read(key, other) || other != theirs) note(key);
    }
    rows = here.scan();
    while (rows.step()) {
      const KeyImage key = key_of(shape_, here.image_of(rows));
      if (!there.read(key, other)) note(key);
    }
  }
  if (has_held_) {
    std::set<KeyImage> old_keys;
    for (const auto& [now, then] : held_keys_) old_keys.insert(then);
    base_.held().for_each(shape_.id, [&](const KeyImage& key, const HeldRow&) {
      if (old_keys.count(key) == 0) note(key);
    });
    for (const auto& [now, then] : held_keys_) note(now);
  }
  keys.for_each_hint(shape_.id, [&](const Hint& hint) { visit(hint.key); });
}

std::optional<HeldRow> TableHistory::held(const KeyImage& key) {
  if (!has_held_) return std::nullopt;
  const auto found = held_keys_.find(key);
  return base_.held().find(shape_.id, found == held_keys_.end() ? key : found->second);
}

std::optional<RowImage> TableHistory::known(const std::optional<HeldRow>& held,
                                            const RowImage* theirs) {
  if (is_new_) return std::nullopt;
  if (held) return held->existed ? in_present_form(*held, theirs) : std::nullopt;
  return theirs ? std::optional<RowImage>(*theirs) : std::nullopt;
}

// What the form of then had no column for is as it is now. nullopt: it had another key.
std::optional<RowImage> TableHistory::in_present_form(const HeldRow& held, const RowImage* theirs) {
  const TableShape& share = base_.table(shape_.id).shape();
  const auto now = theirs ? split_image(*theirs) : std::vector<std::string_view>();
  RowImage row;
  for (std::size_t i = 0; i < share.columns.size(); ++i) {
    const auto value = held.values.find(to_lower_ascii(share.columns[i].name));
    if (value == held.values.end()) {
      if (is_key(i)) return std::nullopt;
      row += theirs ? std::string(now.at(i)) : null_image();
    } else if (may_convert(share.columns[i].affinity, value->second) &&
               !(theirs && now.at(i) == value->second)) {
      // A change of the type went over the row.
      row += StoredForm(share.columns[i].decl_type, "UTF-8").of(value->second);
    } else {
      row += value->second;
    }
  }
  return row;
}

RowImage TableHistory::converted(const RowImage& known, const RowImage& mine) {
  if (retyped_.empty()) return known;
  const auto here = split_image(mine);
  RowImage row;
  std::size_t i = 0;
  for (const std::string_view before : split_image(known)) {
    const std::string_view now = here.at(i);
    const bool is_converted =
        now != before && std::any_of(retyped_.begin(), retyped_.end(), [&](const auto& column) {
          return column->at == i && column->now.of(column->before.of(before)) == now;
        });
    row += is_converted ? now : before;
    ++i;
  }
  return row;
}

void TableHistory::find_retyped() {
  const std::string encoding = local_.db().get_text("PRAGMA encoding");
  for (const auto& [name, type] : newcomer_.old_types) {
    const std::size_t at = shape_.find_column(name).value();
    if (is_key(at)) continue;
    retyped_.push_back(std::make_unique<Retyped>(Retyped{
        at, StoredForm(type, encoding), StoredForm(shape_.columns[at].decl_type, encoding)}));
  }
}

void TableHistory::find_held_keys() {
  const TableShape& share = base_.table(shape_.id).shape();
  std::map<std::size_t, StoredForm> forms;
  base_.held().for_each(shape_.id, [&](const KeyImage& key, const HeldRow&) {
    KeyImage now;
    std::size_t i = 0;
    for (const std::string_view part : split_image(key)) {
      if (i == share.key.size()) return;
      const ColumnShape& column = share.columns[share.key[i]];
      if (may_convert(column.affinity, part)) {
        now += forms.try_emplace(i, column.decl_type, "UTF-8").first->second.of(part);
      } else {
        now += part;
      }
      ++i;
    }
    if (now != key) held_keys_[now] = key;
  });
}

// Columns in which every row has lost its value without anybody seeing it: the update dropped the
// column and added it again, or copied the table without it.
void TableHistory::find_emptied() {
  struct Seen {
    std::uint64_t lost = 0;
    std::string default_image;
  };
  std::map<std::size_t, Seen> seen;
  for (std::size_t i = 0; i < shape_.columns.size(); ++i) {
    const ColumnShape& column = shape_.columns[i];
    if (!column.absent && !is_listed(i) && !is_key(i))
      seen[i].default_image = stored_literal_image(column.decl_type, column.default_value);
  }
  TableAccess& here = local_.table(shape_.id);
  RowImage theirs;
  Statement rows = here.scan();
  while (rows.step() && !seen.empty()) {
    const RowImage mine = here.image_of(rows);
    const KeyImage key = key_of(shape_, mine);
    if (!base_.table(shape_.id).read(key, theirs)) continue;
    const auto before = known(held(key), &theirs);
    if (!before) continue;
    const bool was_seen = hints_.find_hint(shape_.id, key).has_value();
    const auto mine_parts = split_image(mine);
    const auto old_parts = split_image(*before);
    for (auto entry = seen.begin(); entry != seen.end();) {
      auto& [i, column] = *entry;
      const bool had_value =
          old_parts.at(i) != column.default_image && old_parts[i] != null_image();
      const bool kept = had_value && mine_parts.at(i) == old_parts.at(i);
      if (had_value && !was_seen && mine_parts.at(i) == column.default_image) ++column.lost;
      entry = kept ? seen.erase(entry) : std::next(entry);
    }
  }
  for (const auto& [i, column] : seen) {
    if (column.lost == 0) continue;
    columns_.push_back({i, column.default_image, ""});
    emptied_.push_back(shape_.name + "." + shape_.columns[i].name);
  }
}

// Dropped and made again with other rows, not copied: no row of it is as it was.
bool TableHistory::is_another_table() {
  TableAccess& here = local_.table(shape_.id);
  TableAccess& there = base_.table(shape_.id);
  if (there.count() < 2) return false;
  RowImage mine;
  Statement rows = there.scan();
  while (rows.step()) {
    const RowImage theirs = there.image_of(rows);
    if (!here.read(key_of(shape_, theirs), mine)) continue;
    const auto mine_parts = split_image(mine);
    const auto their_parts = split_image(theirs);
    for (std::size_t i = 0; i < mine_parts.size(); ++i) {
      if (!is_listed(i) && !is_key(i) && mine_parts[i] != null_image() &&
          mine_parts[i] == their_parts[i])
        return false;
    }
  }
  return true;
}

// A column that went and one that came, or the same again, with its old values in most rows: only
// the name was another.
void TableHistory::find_continued() {
  if (newcomer_.gone.empty()) return;
  const auto went = [&](const std::string& name) {
    return std::find(newcomer_.gone.begin(), newcomer_.gone.end(), quote_name(name)) !=
           newcomer_.gone.end();
  };
  struct Counts {
    std::uint64_t same = 0, other = 0;
  };
  std::vector<std::map<std::string, Counts>> found(columns_.size());
  TableAccess& here = local_.table(shape_.id);
  RowImage theirs;
  Statement rows = here.scan();
  while (rows.step()) {
    const RowImage mine = here.image_of(rows);
    const KeyImage key = key_of(shape_, mine);
    const RowImage* there = base_.table(shape_.id).read(key, theirs) ? &theirs : nullptr;
    std::map<std::string, std::string> before;
    const auto kept = held(key);
    if (kept) before = kept->values;
    if (!kept && there) {
      std::size_t i = 0;
      for (const std::string_view part : split_image(*there))
        before[to_lower_ascii(shape_.columns.at(i++).name)] = std::string(part);
    }
    const auto parts = split_image(mine);
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const std::string own = to_lower_ascii(shape_.columns[columns_[c].at].name);
      for (const auto& [name, value] : before) {
        if (!went(name) || value == null_image() || (name != own && shape_.find_column(name)))
          continue;
        ++(parts.at(columns_[c].at) == value ? found[c][name].same : found[c][name].other);
      }
    }
  }
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    for (const auto& [name, counts] : found[c]) {
      if (counts.same > 0 && counts.same >= counts.other) columns_[c].continues = name;
    }
  }
}

}  // namespace tidesync
