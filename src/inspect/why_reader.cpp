#include "inspect/why_reader.h"

#include <algorithm>

#include "base/text.h"
#include "inspect/typed_key.h"
#include "merge/record_life.h"

namespace tidesync {
namespace {

using Kind = LifeEvent::Kind;

Kind kind_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kInsert:
      return Kind::kInserted;
    case ChangeKind::kUpdate:
      return Kind::kUpdated;
    case ChangeKind::kDelete:
      return Kind::kDeleted;
    case ChangeKind::kReplace:
      return Kind::kReplaced;
  }
  return Kind::kUpdated;
}

bool same_name(const std::string& a, const std::string& b) {
  return to_lower_ascii(a) == to_lower_ascii(b);
}

// The values without those of the key and the stamps.
std::string content_of(const BatchTable& table, std::string_view image) {
  std::string content;
  std::size_t i = 0;
  for (const std::string_view value : split_image(image)) {
    const bool is_key = std::find(table.key.begin(), table.key.end(), i) != table.key.end();
    if (!is_key && !is_stamp_column(table.columns[i])) content.append(value);
    ++i;
  }
  return content;
}

// The new value of a column of a change; empty when it does not write it.
std::string new_text(const BatchTable& table, const Change& change, const char* column) {
  for (const auto& written : change.columns) {
    if (table.columns[written.column] == column)
      return std::string(ValueReader(written.new_value).next().bytes);
  }
  return {};
}

}  // namespace

bool concerns(const ConflictRow& conflict, const std::string& column) {
  const auto columns = disputed_columns(conflict);
  if (column.empty() || columns.empty()) return true;
  return std::any_of(columns.begin(), columns.end(),
                     [&](const std::string& name) { return same_name(name, column); });
}

LifeEvent conflict_event(const ConflictRow& conflict) {
  LifeEvent event;
  event.kind = Kind::kConflict;
  event.conflict_id = conflict.id;
  event.rule = conflict.rule;
  const auto name = [](const std::string& user, const std::string& node) {
    return user.empty() ? node : user;
  };
  event.winner = name(conflict.winner_user, conflict.winner_node);
  event.loser = name(conflict.loser_user, conflict.loser_node);
  parse_iso_utc(conflict.created_at, event.at_ms);
  return event;
}

WhyReader::WhyReader(Database& db, RowLife& life) : db_(db), life_(life) {
  ConflictFilter filter;
  filter.which = ConflictFilter::Which::kAll;
  filter.table = life.table;
  for (ConflictRow& conflict : list_conflicts(db, filter)) {
    if (typed_key(conflict.key) == life.key) conflicts_.emplace(conflict.id, std::move(conflict));
  }
}

std::vector<ConflictRow> WhyReader::untold_conflicts() const {
  std::vector<ConflictRow> untold;
  for (const auto& [id, conflict] : conflicts_) {
    if (told_.count(id) == 0 && concerns(conflict, life_.column)) untold.push_back(conflict);
  }
  return untold;
}

bool WhyReader::is_asked(const std::string& column) const {
  return life_.column.empty() || same_name(column, life_.column);
}

std::string WhyReader::run_of(const BatchHeader& header) {
  Statement& find = db_.cached(
      "SELECT run_id FROM sync_log WHERE node = ?1 AND seq_before < ?2 AND seq_after >= ?2"
      " ORDER BY timestamp LIMIT 1");
  find.bind_text(1, header.node.value).bind(2, static_cast<std::int64_t>(header.seq.value));
  const std::string run = find.step() ? find.get_text(0) : std::string();
  find.reset();
  return run;
}

LifeEvent WhyReader::event_of(const BatchHeader& header, std::int64_t at_ms) const {
  LifeEvent event;
  event.seq = header.seq.value;
  event.is_here = is_here_;
  event.at_ms = at_ms;
  event.published_ms = header.made_at_ms + header.clock_offset_ms;
  event.user = header.user;
  event.node = header.node.value;
  return event;
}

void WhyReader::read(BatchReader& batch, bool is_here) {
  is_here_ = is_here;
  changes_.clear();
  decisions_.clear();
  const BatchHeader& header = batch.header();
  for (Change change; batch.next(change);) {
    const std::string& table = header.tables[change.table].name;
    if (same_name(table, life_.table)) {
      if (typed_key(KeyImage(change.key)) == life_.key) add_change(header, change);
    } else if (table == "sync_conflicts") {
      change.kind == ChangeKind::kUpdate ? add_resolution(header, change)
                                         : add_conflict(header, change);
    }
  }
  for (LifeEvent& event : changes_) {
    const bool came_or_went = event.kind == Kind::kInserted || event.kind == Kind::kDeleted;
    if (came_or_went) note_other_key(batch, event);
  }
  const std::string run = changes_.empty() && decisions_.empty() ? std::string() : run_of(header);
  for (auto* events : {&changes_, &decisions_}) {
    for (LifeEvent& event : *events) {
      event.run_id = run;
      life_.events.push_back(std::move(event));
    }
  }
}

void WhyReader::add_change(const BatchHeader& header, const Change& change) {
  const BatchTable& table = header.tables[change.table];
  keys_.emplace_back(change.key);
  LifeEvent event = event_of(header, change.at_ms);
  event.kind = kind_of(change.kind);
  for (const auto& column : change.columns) {
    if (!is_asked(table.columns[column.column])) continue;
    event.columns.push_back({table.columns[column.column],
                             display(ValueReader(column.old_value).next()),
                             display(ValueReader(column.new_value).next())});
  }
  const auto before = decode_image(change.old_image);
  const auto after = decode_image(change.new_image);
  for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
    if (!is_asked(table.columns[i])) continue;
    event.columns.push_back({table.columns[i], before.empty() ? "" : display(before[i]),
                             after.empty() ? "" : display(after[i])});
  }
  if (change.kind == ChangeKind::kInsert && is_return(change.uid))
    event.note = "it came back after it had been deleted elsewhere";
  if (event.kind != Kind::kUpdated || !event.columns.empty()) changes_.push_back(std::move(event));
}

// A key that was changed is a row that went and one of the same content that came, in one batch.
void WhyReader::note_other_key(BatchReader& batch, LifeEvent& event) {
  const BatchHeader& header = batch.header();
  const bool came = event.kind == Kind::kInserted;
  std::string content;
  batch.rewind();
  for (Change change; batch.next(change);) {
    const BatchTable& table = header.tables[change.table];
    if (!same_name(table.name, life_.table) || typed_key(KeyImage(change.key)) != life_.key)
      continue;
    content = content_of(table, came ? change.new_image : change.old_image);
  }
  if (content.empty()) return;
  const ChangeKind wanted = came ? ChangeKind::kDelete : ChangeKind::kInsert;
  batch.rewind();
  for (Change change; batch.next(change);) {
    const BatchTable& table = header.tables[change.table];
    if (change.kind != wanted || !same_name(table.name, life_.table)) continue;
    if (content_of(table, came ? change.old_image : change.new_image) != content) continue;
    const std::string other = typed_key(KeyImage(change.key));
    event.note = came ? "the same values were under key " + other + " before"
                      : "the same values go on under key " + other;
    return;
  }
}

void WhyReader::add_conflict(const BatchHeader& header, const Change& change) {
  if (change.kind != ChangeKind::kInsert) return;
  const std::string id(decode_image(change.key).at(0).bytes);
  const auto known = conflicts_.find(id);
  // One that is on the share only, or was removed here, is read from the batch.
  const BatchTable& table = header.tables[change.table];
  ConflictRow conflict;
  if (known != conflicts_.end()) {
    conflict = known->second;
    if (!concerns(conflict, life_.column)) return;
  } else {
    const auto values = decode_image(change.new_image);
    const auto text = [&](const char* name) {
      const auto at = std::find(table.columns.begin(), table.columns.end(), name);
      const auto position = static_cast<std::size_t>(at - table.columns.begin());
      return position < values.size() ? std::string(values[position].bytes) : std::string();
    };
    if (!same_name(text("table_name"), life_.table)) return;
    conflict.id = id;
    conflict.key = parse_row_json(text("row_key"));
    if (typed_key(conflict.key) != life_.key) return;
    conflict.rule = text("rule");
    conflict.created_at = text("created_at");
    conflict.winner_user = text("winner_user");
    conflict.winner_node = text("winner_node");
    conflict.loser_user = text("loser_user");
    conflict.loser_node = text("loser_node");
  }
  told_.insert(id);
  LifeEvent event = conflict_event(conflict);
  const LifeEvent place = event_of(header, event.at_ms);
  event.seq = place.seq;
  event.is_here = place.is_here;
  event.published_ms = place.published_ms;
  event.user = place.user;
  event.node = place.node;
  decisions_.push_back(std::move(event));
}

void WhyReader::add_resolution(const BatchHeader& header, const Change& change) {
  const std::string id(decode_image(change.key).at(0).bytes);
  const auto known = conflicts_.find(id);
  if (known == conflicts_.end() || !concerns(known->second, life_.column)) return;
  const BatchTable& table = header.tables[change.table];
  const std::string resolved_at = new_text(table, change, "resolved_at");
  if (resolved_at.empty()) return;
  LifeEvent event = event_of(header, change.at_ms);
  parse_iso_utc(resolved_at, event.at_ms);
  event.kind = Kind::kResolved;
  event.conflict_id = id;
  event.rule = new_text(table, change, "resolution");
  decisions_.push_back(std::move(event));
}

}  // namespace tidesync
