// Batches for tests: rows, a header, and records as values that can be compared.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/value.h"
#include "share/batch_file.h"

namespace tidesync::test {

inline std::string image(const std::vector<ValueView>& values) {
  std::string out;
  for (const ValueView& value : values) append_value(out, value);
  return out;
}

// A Change that owns its bytes.
struct OwnedChange {
  struct Column {
    std::uint16_t column;
    std::string old_value, new_value;
    bool operator==(const Column&) const = default;
  };
  ChangeKind kind = ChangeKind::kInsert;
  std::size_t table = 0;
  std::int64_t at_ms = 0;
  std::string uid, key, old_image, new_image;
  std::vector<Column> columns{};
  bool operator==(const OwnedChange&) const = default;

  Change view() const {
    Change change{kind, table, at_ms, uid, key, old_image, new_image, {}};
    for (const Column& c : columns) {
      change.columns.push_back({c.column, c.old_value, c.new_value});
    }
    return change;
  }
  static OwnedChange of(const Change& c) {
    OwnedChange owned{c.kind,
                      c.table,
                      c.at_ms,
                      c.uid,
                      std::string(c.key),
                      std::string(c.old_image),
                      std::string(c.new_image),
                      {}};
    for (const auto& column : c.columns) {
      owned.columns.push_back(
          {column.column, std::string(column.old_value), std::string(column.new_value)});
    }
    return owned;
  }
};

// Table 0: quotes(id, number, body) with key id. Table 1: rates(day, currency, rate) with the key
// (currency, day).
inline std::vector<BatchTable> two_tables() {
  return {{"quotes", {"id", "number", "body"}, {0}},
          {"rates", {"day", "currency", "rate"}, {1, 0}}};
}

inline BatchHeader sample_header() {
  BatchHeader header;
  header.share_id = std::string(32, 'a');
  header.seq = Seq{7};
  header.prev = digest_of("entry 6");
  header.uuid = std::string(32, 'b');
  header.node = NodeId{"alice"};
  header.incarnation = std::string(32, 'c');
  header.host = "alice-pc";
  header.user = "Älice \"A\"";
  header.tool = "tidesync 0.1.0";
  header.made_at_ms = 1700000000123;
  header.clock_offset_ms = -250;
  header.base_state = digest_of("before");
  header.post_state = digest_of("after");
  header.schema = R"([{"op":"add_column","table":"quotes","ddl":"\"x\" TEXT"}])";
  return header;
}

inline OwnedChange insert_quote(std::int64_t id, std::string_view body, std::string uid = {}) {
  const auto number = "Q-" + std::to_string(id);
  return {ChangeKind::kInsert,
          0,
          1000 + id,
          std::move(uid),
          image({ValueView::of(id)}),
          {},
          image({ValueView::of(id), ValueView::text(number), ValueView::text(body)})};
}

// Every kind of change and of value.
inline std::vector<OwnedChange> all_kinds() {
  using namespace std::literals;
  const auto rate_key = image({ValueView::text("EUR"), ValueView::text("2026-01-01")});
  const auto rate = [](ValueView value) {
    return image({ValueView::text("2026-01-01"), ValueView::text("EUR"), value});
  };
  std::vector<OwnedChange> changes;
  changes.push_back(insert_quote(-9223372036854775807 - 1, "with NUL \0 and \xff"sv));
  changes.push_back(
      insert_quote(2, "", std::string("\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17", 16)));
  OwnedChange update{ChangeKind::kUpdate, 0, -5, "", image({ValueView::of(3)}), "", ""};
  update.columns = {{1, image({ValueView::null()}), image({ValueView::of(1)})},
                    {2, image({ValueView::of(1)}), image({ValueView::of_real(1.0)})}};
  changes.push_back(update);
  changes.push_back({ChangeKind::kDelete, 1, 4, "", rate_key, rate(ValueView::of_real(-0.0)), ""});
  changes.push_back({ChangeKind::kReplace, 1, 5, std::string(16, 'u'), rate_key,
                     rate(ValueView::null()), rate(ValueView::blob("\x00\x01\xfe"sv))});
  return changes;
}

inline Digest write_batch(FileSystem& fs, const Path& file, const std::vector<OwnedChange>& changes,
                          BatchHeader header = sample_header()) {
  BatchWriter writer(fs, file, two_tables());
  for (const OwnedChange& change : changes) writer.add(change.view());
  return writer.finish(std::move(header));
}

inline std::vector<OwnedChange> read_batch(FileSystem& fs, const Path& file) {
  BatchReader reader(fs, file);
  std::vector<OwnedChange> changes;
  for (Change change; reader.next(change);) changes.push_back(OwnedChange::of(change));
  return changes;
}

}  // namespace tidesync::test
