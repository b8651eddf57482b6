// The header of a batch as JSON.
//
//   {"v":1,"share_id":"..","seq":7,"prev":"<hex>","uuid":"..","node":"..","incarnation":"..",
//    "host":"..","user":"..","tool":"..","made_at":1700000000000,"clock_offset_ms":-12,
//    "base_state":"<hex>","post_state":"<hex>",
//    "tables":[{"name":"t","columns":["id","x"],"key":[0]}],"counts":[[inserts,updates,deletes]],
//    "body_len":123,"schema":"..."}
//
// "schema" is a string with JSON inside, so that its text survives to the byte; it is left out
// when empty. Members a reader does not know are passed over, unless "must_understand" (a list of
// names) has them: then the batch is kTooNew, and pulling stops there.
#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "share/batch_format.h"

namespace tidesync::batch_format {
namespace {

using Json = nlohmann::json;

// Deeper than any header of ours; what lies below is not kept in memory.
constexpr int kMaxDepth = 12;

constexpr const char* kMembers[] = {
    "v",      "share_id", "seq",      "prev",    "uuid",           "node",       "incarnation",
    "host",   "user",     "tool",     "made_at", "base_state",     "post_state", "clock_offset_ms",
    "tables", "counts",   "body_len", "schema",  "must_understand"};

// What is wrong, without the file; parse_header adds that.
struct Fault {
  std::string detail;
};

const Json& member(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) throw Fault{std::string("its header has no \"") + name + '"'};
  return *found;
}

[[noreturn]] void fail(const char* name) {
  throw Fault{std::string("its header has a \"") + name + "\" that cannot be"};
}

std::uint64_t to_unsigned(const Json& value, const char* name) {
  if (!value.is_number_unsigned()) fail(name);
  return value.get<std::uint64_t>();
}

std::int64_t get_signed(const Json& object, const char* name) {
  const Json& value = member(object, name);
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (!value.is_number_integer()) fail(name);
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > kMax) fail(name);
  return value.get<std::int64_t>();
}

const Json& get_array(const Json& object, const char* name, std::size_t least, std::size_t most) {
  const Json& value = member(object, name);
  if (!value.is_array() || value.size() < least || value.size() > most) fail(name);
  return value;
}

std::string get_text(const Json& object, const char* name) {
  const Json& value = member(object, name);
  if (!value.is_string()) fail(name);
  return value.get<std::string>();
}

Uuid get_uuid(const Json& object, const char* name) {
  Uuid uuid = get_text(object, name);
  if (!is_uuid(uuid)) fail(name);
  return uuid;
}

Digest get_digest(const Json& object, const char* name) {
  try {
    return digest_from_hex(get_text(object, name));
  } catch (const Error&) {
    fail(name);
  }
}

BatchTable parse_table(const Json& json) {
  if (!json.is_object()) fail("tables");
  BatchTable table;
  table.name = get_text(json, "name");
  for (const Json& column : get_array(json, "columns", 1, kMaxColumns)) {
    if (!column.is_string()) fail("columns");
    table.columns.push_back(column.get<std::string>());
  }
  std::set<std::uint64_t> seen;
  for (const Json& position : get_array(json, "key", 1, table.columns.size())) {
    const std::uint64_t column = to_unsigned(position, "key");
    if (column >= table.columns.size() || !seen.insert(column).second) fail("key");
    table.key.push_back(static_cast<std::size_t>(column));
  }
  return table;
}

BatchCounts parse_counts(const Json& json) {
  if (!json.is_array() || json.size() != 3) fail("counts");
  return BatchCounts{to_unsigned(json[0], "counts"), to_unsigned(json[1], "counts"),
                     to_unsigned(json[2], "counts")};
}

void parse_tables(const Json& json, BatchHeader& header) {
  for (const Json& table : get_array(json, "tables", 0, kMaxTables)) {
    header.tables.push_back(parse_table(table));
  }
  const std::size_t size = header.tables.size();
  for (const Json& counts : get_array(json, "counts", size, size)) {
    header.counts.push_back(parse_counts(counts));
  }
}

ParsedHeader parse_members(const Json& json) {
  ParsedHeader parsed;
  BatchHeader& header = parsed.header;
  header.share_id = get_uuid(json, "share_id");
  header.seq = Seq{to_unsigned(member(json, "seq"), "seq")};
  if (header.seq.value == 0) fail("seq");
  header.prev = get_digest(json, "prev");
  header.uuid = get_uuid(json, "uuid");
  header.node = NodeId{get_text(json, "node")};
  if (!is_node_id(header.node.value)) fail("node");
  header.incarnation = get_uuid(json, "incarnation");
  header.host = get_text(json, "host");
  header.user = get_text(json, "user");
  header.tool = get_text(json, "tool");
  header.made_at_ms = get_signed(json, "made_at");
  header.clock_offset_ms = get_signed(json, "clock_offset_ms");
  header.base_state = get_digest(json, "base_state");
  header.post_state = get_digest(json, "post_state");
  parse_tables(json, header);
  parsed.record_bytes = to_unsigned(member(json, "body_len"), "body_len");
  if (json.contains("schema")) header.schema = get_text(json, "schema");
  return parsed;
}

// The first thing in it that this version does not understand and must; "" when there is none.
std::string find_too_new(const Json& json) {
  const std::uint64_t version = to_unsigned(member(json, "v"), "v");
  if (version == 0) fail("v");
  if (version > kBatchFormatVersion) return "format version " + std::to_string(version);
  if (!json.contains("must_understand")) return {};
  for (const Json& name : get_array(json, "must_understand", 0, kMaxTables)) {
    if (!name.is_string()) fail("must_understand");
    const auto text = name.get<std::string>();
    if (std::find(std::begin(kMembers), std::end(kMembers), text) == std::end(kMembers)) {
      return "\"" + printable(shorten_utf8(text, 60)) + "\"";
    }
  }
  return {};
}

// Names of computers and people come from the system in any encoding, and are only shown.
std::string for_people(const std::string& text) {
  return is_valid_utf8(text) ? text : printable(text);
}

}  // namespace

std::string write_header(const BatchHeader& header, std::uint64_t record_bytes) {
  nlohmann::ordered_json json;
  json["v"] = kBatchFormatVersion;
  json["share_id"] = header.share_id;
  json["seq"] = header.seq.value;
  json["prev"] = header.prev.hex();
  json["uuid"] = header.uuid;
  json["node"] = header.node.value;
  json["incarnation"] = header.incarnation;
  json["host"] = for_people(header.host);
  json["user"] = for_people(header.user);
  json["tool"] = for_people(header.tool);
  json["made_at"] = header.made_at_ms;
  json["clock_offset_ms"] = header.clock_offset_ms;
  json["base_state"] = header.base_state.hex();
  json["post_state"] = header.post_state.hex();
  json["tables"] = nlohmann::ordered_json::array();
  for (const BatchTable& table : header.tables) {
    nlohmann::ordered_json entry;
    entry["name"] = table.name;
    entry["columns"] = table.columns;
    entry["key"] = table.key;
    json["tables"].push_back(std::move(entry));
  }
  json["counts"] = nlohmann::ordered_json::array();
  for (const BatchCounts& counts : header.counts) {
    json["counts"].push_back({counts.inserts, counts.updates, counts.deletes});
  }
  json["body_len"] = record_bytes;
  if (!header.schema.empty()) json["schema"] = header.schema;
  try {
    return json.dump();
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorCode::kSchema, "write batch", "",
                "the name of a table or column is not valid UTF-8",
                "rename it, or exclude the table from syncing");
  }
}

ParsedHeader parse_header(std::string_view text, const std::string& file) {
  try {
    const Json json = Json::parse(
        text, [](int depth, Json::parse_event_t, const Json&) { return depth <= kMaxDepth; });
    if (!json.is_object()) throw Fault{"its header is no JSON object"};
    const std::string too_new = find_too_new(json);
    if (!too_new.empty()) {
      throw Error(ErrorCode::kTooNew, "read batch", file,
                  "it was written by a newer version of tidesync (" + too_new +
                      "); nothing of it was applied",
                  "update tidesync on this computer");
    }
    return parse_members(json);
  } catch (const Json::exception&) {
    throw Error(ErrorCode::kDamaged, "read batch", file, "its header is not JSON");
  } catch (const Fault& fault) {
    throw Error(ErrorCode::kDamaged, "read batch", file, fault.detail);
  }
}

}  // namespace tidesync::batch_format
