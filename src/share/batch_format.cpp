#include "share/batch_format.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace tidesync {
namespace batch_format {
namespace {

constexpr std::size_t kLengthAt = 0;
constexpr std::size_t kEndMagicAt = 8;
constexpr std::size_t kDigestAt = 16;
constexpr std::size_t kCrcAt = 48;

void split(std::string_view image, std::vector<std::string_view>& values) {
  values.clear();
  for (ValueReader reader(image); !reader.at_end();) values.push_back(reader.next_encoded());
}

bool is_one_value(std::string_view bytes) {
  ValueReader reader(bytes);
  return !reader.at_end() && reader.next_encoded().size() == bytes.size();
}

bool key_matches(const BatchTable& table, const std::vector<std::string_view>& key,
                 const std::vector<std::string_view>& row) {
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (key[i] != row[table.key[i]]) return false;
  }
  return true;
}

const char* find_fault_in_columns(const BatchTable& table, const Change& change) {
  if (change.columns.empty()) return "an update of no column";
  const Change::ColumnChange* previous = nullptr;
  for (const auto& column : change.columns) {
    if (column.column >= table.columns.size()) return "an update of a column out of range";
    if (previous != nullptr && previous->column >= column.column) {
      return "the columns of an update are not in ascending order";
    }
    // Another key is another row: a delete and an insert.
    if (std::find(table.key.begin(), table.key.end(), column.column) != table.key.end()) {
      return "an update of a key column";
    }
    if (!is_one_value(column.old_value) || !is_one_value(column.new_value)) {
      return "a column of an update that is not one value";
    }
    if (column.old_value == column.new_value) return "an update that changes nothing";
    previous = &column;
  }
  return nullptr;
}

const char* find_fault_in_row(const BatchTable& table, std::string_view image, bool wanted,
                              const std::vector<std::string_view>& key,
                              std::vector<std::string_view>& row) {
  if (!wanted) return image.empty() ? nullptr : "a row image that does not belong to its kind";
  split(image, row);
  if (row.size() != table.columns.size()) return "a row with a wrong number of columns";
  return key_matches(table, key, row) ? nullptr : "a key that differs from the row's";
}

}  // namespace

std::string make_trailer(Hasher& hasher, std::uint64_t file_size) {
  std::string trailer;
  append_u64(trailer, file_size);
  trailer.append(kEndMagic);
  hasher.update(trailer);
  const Digest digest = hasher.digest();
  hasher.update(digest.view());
  trailer.append(digest.view());
  append_u32(trailer, hasher.crc32c());
  return trailer;
}

Digest trailer_digest(std::string_view trailer) {
  Digest digest;
  std::memcpy(digest.bytes.data(), trailer.data() + kDigestAt, digest.bytes.size());
  return digest;
}

std::uint32_t trailer_crc32c(std::string_view trailer) {
  return load_u32(trailer.data() + kCrcAt);
}

const char* find_fault(const BatchTable& table, const Change& change, RecordParts& parts) {
  const bool has_new = change.kind == ChangeKind::kInsert || change.kind == ChangeKind::kReplace;
  const bool has_old = change.kind == ChangeKind::kDelete || change.kind == ChangeKind::kReplace;
  if (!has_new && !has_old && change.kind != ChangeKind::kUpdate) return "an unknown kind";
  if (!change.uid.empty() && (!has_new || change.uid.size() != kUidBytes)) {
    return "a row identity that cannot be";
  }
  split(change.key, parts.key);
  if (parts.key.size() != table.key.size()) return "a key with a wrong number of columns";
  if (change.kind == ChangeKind::kUpdate) {
    if (const char* fault = find_fault_in_columns(table, change)) return fault;
  } else if (!change.columns.empty()) {
    return "changed columns in a record that is no update";
  }
  if (const char* fault =
          find_fault_in_row(table, change.old_image, has_old, parts.key, parts.old_row)) {
    return fault;
  }
  return find_fault_in_row(table, change.new_image, has_new, parts.key, parts.new_row);
}

void count(BatchCounts& counts, ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kInsert:
      ++counts.inserts;
      break;
    case ChangeKind::kDelete:
      ++counts.deletes;
      break;
    case ChangeKind::kUpdate:
    case ChangeKind::kReplace:
      ++counts.updates;
      break;
  }
}

}  // namespace batch_format

BatchTrailer parse_batch_trailer(std::string_view bytes, std::uint64_t file_size) {
  const auto damaged = [](const char* detail) {
    return Error(ErrorCode::kDamaged, "read trailer", "of a batch", detail);
  };
  if (bytes.size() != kBatchTrailerBytes) throw damaged("the file ends too early");
  if (bytes.substr(batch_format::kEndMagicAt, 8) != batch_format::kEndMagic) {
    throw damaged("the mark at the end of the file is missing");
  }
  const std::uint64_t length = load_u64(bytes.data() + batch_format::kLengthAt);
  if (length != file_size) {
    throw damaged("the file does not have the length it was written with");
  }
  return BatchTrailer{length, batch_format::trailer_digest(bytes)};
}

std::string derived_uid(const Uuid& batch_uuid, std::uint64_t record_number) {
  std::string bytes = batch_uuid;
  append_u64(bytes, record_number);
  return std::string(digest_of(bytes).view().substr(0, batch_format::kUidBytes));
}

}  // namespace tidesync
