#include "inspect/why.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "inspect/typed_key.h"
#include "inspect/why_reader.h"
#include "replica/local.h"
#include "replica/scratch.h"
#include "sync/log_reader.h"

namespace tidesync {
namespace {

constexpr const char* kOperation = "why";

class Life {
 public:
  Life(Environment& env, const Path& database)
      : env_(env),
        paths_(database),
        config_(read_config(env.local, paths_.config)),
        local_(database, config_.patience_ms),
        base_(paths_.base) {
    if (!local_.is_attached()) {
      throw Error(ErrorCode::kNotFound, kOperation, to_utf8(database),
                  "this database is not synced", "Run tidesync init or tidesync join first.");
    }
    if (base_.shapes().empty()) {
      throw Error(ErrorCode::kNotFound, kOperation, to_utf8(paths_.base),
                  "the base copy is empty: nothing was synced yet, or the file was lost",
                  "Run tidesync now first.");
    }
    local_.set_absent_values(base_.row_lookup(), base_.exact_lookup());
    local_.use_shapes(base_.shapes());
  }

  RowLife read(const std::string& table, const std::string& key, const std::string& column) {
    shape_ = &shape_of(table);
    check_column(column);
    life_.table = shape_->name;
    life_.key = key;
    life_.column = column;
    WhyReader events(local_.db(), life_);
    read_log(events);
    add_untold(events);
    look_here(events);
    if (life_.events.empty() && !life_.now && life_.unread.empty()) {
      throw Error(ErrorCode::kNotFound, kOperation, shape_->name + " " + key,
                  column.empty() ? "there is no such row, and the log has none either"
                                 : "nothing is known of this column of such a row",
                  "Give the key as tidesync diff shows it; a key of several columns: A,B");
    }
    return std::move(life_);
  }

 private:
  const TableShape& shape_of(const std::string& table) const {
    std::vector<std::string> names;
    for (const TableShape& shape : local_.shapes()) {
      if (shape.system) continue;
      if (to_lower_ascii(shape.name) == to_lower_ascii(table)) return shape;
      names.push_back(shape.name);
    }
    throw Error(ErrorCode::kUsage, kOperation, table, "it is not a synced table",
                "Synced tables are: " + join(names, ", "));
  }

  void check_column(const std::string& column) const {
    if (column.empty() || shape_->find_column(column)) return;
    std::vector<std::string> names;
    for (const ColumnShape& known : shape_->columns) names.push_back(known.name);
    throw Error(ErrorCode::kUsage, kOperation, column,
                "the table " + shape_->name + " has no such column",
                "Its columns are: " + join(names, ", "));
  }

  void note_read(std::uint64_t seq) {
    if (life_.first_read == 0) life_.first_read = seq;
    life_.last_read = seq;
  }

  void read_log(WhyReader& events) {
    LogReader log(env_, paths_, config_, local_.get_meta("share_id"));
    auto links = base_.last_links(static_cast<std::size_t>(base_.cursor().seq.value));
    std::reverse(links.begin(), links.end());
    for (const ChainLink& link : links) {
      const bool was_read =
          log.read(link.at, [&](BatchReader& batch) { events.read(batch, true); });
      if (was_read) note_read(link.at.seq.value);
      if (!was_read) life_.unread.push_back(link.at.seq.value);
    }
    // What others have published meanwhile.
    Cursor at = base_.cursor();
    while (const auto next =
               log.read_next(at, [&](BatchReader& batch) { events.read(batch, false); })) {
      at = *next;
      note_read(at.seq.value);
    }
    life_.share_was_read = log.share_was_read();
    life_.share_problem = log.share_problem();
  }

  // Conflicts whose batch was not read come first; those that have none yet come last.
  void add_untold(const WhyReader& events) {
    std::vector<LifeEvent> earlier;
    for (const ConflictRow& conflict : events.untold_conflicts()) {
      LifeEvent event = conflict_event(conflict);
      KeyImage id;
      append_value(id, ValueView::text(conflict.id));
      RowImage ignored;
      const bool is_published = base_.table(kConflictsTableId).read(id, ignored);
      if (is_published) {
        event.note = "its batch could not be read";
        earlier.push_back(std::move(event));
      } else {
        event.user = config_.user;
        event.node = config_.node.value;
        life_.events.push_back(std::move(event));
      }
    }
    life_.events.insert(life_.events.begin(), earlier.begin(), earlier.end());
  }

  // The row as it is here, and what of it nobody knows yet.
  void look_here(const WhyReader& events) {
    std::vector<KeyImage> keys = possible_keys(*shape_, life_.key);
    keys.insert(keys.end(), events.keys().begin(), events.keys().end());
    for (const KeyImage& key : keys) {
      RowImage mine, base;
      const bool is_here = local_.table(shape_->id).read(key, mine);
      const bool is_published = base_.table(shape_->id).read(key, base);
      if (!is_here && !is_published) continue;
      if (is_here) note_now(mine);
      if (is_here != is_published || mine != base)
        add_unpublished(key, is_published ? &base : nullptr, is_here ? &mine : nullptr);
      return;
    }
  }

  void note_now(const RowImage& image) {
    life_.now.emplace();
    std::size_t i = 0;
    for (const ValueView& value : decode_image(image))
      life_.now->push_back({shape_->columns[i++].name, Value(value)});
  }

  void add_unpublished(const KeyImage& key, const RowImage* before, const RowImage* after) {
    LifeEvent event;
    event.kind = !before  ? LifeEvent::Kind::kInserted
                 : !after ? LifeEvent::Kind::kDeleted
                          : LifeEvent::Kind::kUpdated;
    event.user = config_.user;
    event.node = config_.node.value;
    Scratch scratch;
    local_.load_hints(0, scratch);
    if (const auto hint = scratch.find_hint(shape_->id, key)) event.at_ms = hint->at_ms;
    const auto old_values = before ? decode_image(*before) : std::vector<ValueView>();
    const auto new_values = after ? decode_image(*after) : std::vector<ValueView>();
    for (std::size_t i = 0; i < shape_->columns.size(); ++i) {
      const std::string& name = shape_->columns[i].name;
      const bool is_asked =
          life_.column.empty() || to_lower_ascii(name) == to_lower_ascii(life_.column);
      if (!is_asked || (before && after && old_values[i] == new_values[i])) continue;
      event.columns.push_back(
          {name, before ? display(old_values[i]) : "", after ? display(new_values[i]) : ""});
    }
    if (!event.columns.empty()) life_.events.push_back(std::move(event));
  }

  Environment& env_;
  LocalPaths paths_;
  Config config_;
  Local local_;
  Base base_;
  const TableShape* shape_ = nullptr;
  RowLife life_;
};

}  // namespace

RowLife read_life(Environment& env, const Path& database, const std::string& table,
                  const std::string& key, const std::string& column) {
  return Life(env, database).read(table, key, column);
}

}  // namespace tidesync
