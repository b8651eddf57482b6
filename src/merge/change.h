// One change of one row, as it stands in a batch: always with the old values, so that a batch can
// be checked against the state it builds on, undone, and read by people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/value.h"

namespace tidesync {

enum class ChangeKind : std::uint8_t {
  kInsert = 1,
  kUpdate = 2,
  kDelete = 3,
  kReplace = 4,  // the row was deleted and another one inserted with the same key
};

// Names and key of a table as one batch uses them. Columns are those of the row images in the
// batch.
struct BatchTable {
  std::string name;
  std::vector<std::string> columns;
  std::vector<std::size_t> key;  // positions in `columns`
  bool operator==(const BatchTable&) const = default;
};

// Views refer to the reader's or writer's buffers and are valid until its next call.
struct Change {
  ChangeKind kind = ChangeKind::kInsert;
  std::size_t table = 0;       // position in the batch's table list
  std::int64_t at_ms = 0;      // effective time on the share's scale (merge/effective_time.h)
  std::string uid;             // 16 bytes of row identity; inserts and replaces only, else empty;
                               // of a record that comes back: merge/record_life.h
  std::string_view key;        // KeyImage of the row
  std::string_view old_image;  // kDelete, kReplace: the whole old row
  std::string_view new_image;  // kInsert, kReplace: the whole new row
  struct ColumnChange {
    std::uint16_t column;        // position in BatchTable::columns
    std::string_view old_value;  // encoded
    std::string_view new_value;  // encoded
  };
  std::vector<ColumnChange> columns;  // kUpdate: the columns that differ, ascending
};

// Where changes come from (a batch file, a comparison) and where they go. Two seams, so that the
// replica never has to know the share's files.
class ChangeSource {
 public:
  virtual ~ChangeSource() = default;
  // The next change, false after the last.
  virtual bool next(Change& change) = 0;
};

class ChangeSink {
 public:
  virtual ~ChangeSink() = default;
  virtual void add(const Change& change) = 0;
};

}  // namespace tidesync
