#include "share/notes.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "share/dataset.h"
#include "share/layout.h"

namespace tidesync {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t kMaxTextBytes = 200;
constexpr std::uint64_t kMaxNumber = 1ULL << 53;  // beyond it JSON readers round
constexpr std::int64_t kMaxOffsetMs = 100LL * 366 * 24 * 3600 * 1000;
constexpr std::uint64_t kMaxMasterBytes = 1ULL << 48;
constexpr std::size_t kMaxWordBytes = 20;

// What is wrong with a note.
struct Fault {
  std::string detail;
};

[[noreturn]] void refuse(const char* name, const std::string& what) {
  throw Fault{std::string("its \"") + name + "\" is " + what};
}

// nullptr when absent; null counts as absent.
const Json* find(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found == json.end() || found->is_null() ? nullptr : &*found;
}

const Json& member(const Json& json, const char* name) {
  const Json* value = find(json, name);
  if (value == nullptr) throw Fault{std::string("it has no \"") + name + '"'};
  return *value;
}

std::uint64_t number_of(const Json& value, const char* name, std::uint64_t max) {
  if (!value.is_number_unsigned()) refuse(name, "no whole number from 0");
  const auto number = value.get<std::uint64_t>();
  if (number > max) refuse(name, "too large");
  return number;
}

std::optional<std::uint64_t> find_number(const Json& json, const char* name) {
  const Json* value = find(json, name);
  return value ? std::optional(number_of(*value, name, kMaxNumber)) : std::nullopt;
}

// Text that can be shown to people as it is.
std::string text_of(const Json& value, const char* name) {
  if (!value.is_string()) refuse(name, "no text");
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > kMaxTextBytes) refuse(name, "too long");
  if (printable(text) != text) refuse(name, "no printable text");
  return text;
}

std::string find_text(const Json& json, const char* name) {
  const Json* value = find(json, name);
  return value ? text_of(*value, name) : std::string();
}

std::int64_t time_of(const Json& value, const char* name) {
  std::int64_t at_ms = 0;
  if (!value.is_string() || !parse_iso_utc(value.get_ref<const std::string&>(), at_ms) ||
      at_ms < 0) {
    refuse(name, "no time");
  }
  return at_ms;
}

Digest digest_of_member(const Json& value, const char* name) {
  if (!value.is_string()) refuse(name, "no digest");
  try {
    return digest_from_hex(value.get_ref<const std::string&>());
  } catch (const Error&) {
    refuse(name, "no digest");
  }
}

Digest find_digest(const Json& json, const char* name) {
  const Json* value = find(json, name);
  return value ? digest_of_member(*value, name) : Digest{};
}

Uuid uuid_of(const Json& value, const char* name) {
  if (!value.is_string() || !is_uuid(value.get_ref<const std::string&>())) refuse(name, "no id");
  return value.get<std::string>();
}

NodeId node_of(const Json& value, const char* name) {
  if (!value.is_string() || !is_node_id(value.get_ref<const std::string&>()))
    refuse(name, "no node's name");
  return NodeId{value.get<std::string>()};
}

// "success": a word of small letters. Words of newer versions pass.
std::string word_of(const Json& value, const char* name) {
  if (!value.is_string()) refuse(name, "no word");
  const auto& word = value.get_ref<const std::string&>();
  if (word.empty() || word.size() > kMaxWordBytes ||
      word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") != std::string::npos) {
    refuse(name, "no word");
  }
  return word;
}

std::optional<std::int64_t> find_signed(const Json& json, const char* name, std::int64_t limit) {
  const Json* value = find(json, name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number_integer()) refuse(name, "no whole number");
  const bool huge = value->is_number_unsigned() &&
                    value->get<std::uint64_t>() >
                        static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const std::int64_t number = huge ? limit + 1 : value->get<std::int64_t>();
  if (number > limit || number < -limit) refuse(name, "out of range");
  return number;
}

// "2026-11-21"
std::string find_day(const Json& json, const char* name) {
  const std::string day = find_text(json, name);
  std::int64_t ignored = 0;
  if (!day.empty() && !parse_iso_utc(day + "T00:00:00.000Z", ignored)) refuse(name, "no day");
  return day;
}

bool find_flag(const Json& json, const char* name) {
  const Json* value = find(json, name);
  if (value == nullptr) return false;
  if (!value->is_boolean()) refuse(name, "neither true nor false");
  return value->get<bool>();
}

// Members ----------------------------------------------------------------------------------------

std::optional<NodeNote::LastRun> find_last_run(const Json& json) {
  const Json* value = find(json, "last_run");
  if (value == nullptr) return std::nullopt;
  if (!value->is_object()) refuse("last_run", "no object");
  NodeNote::LastRun run;
  run.id = uuid_of(member(*value, "id"), "id");
  run.status = word_of(member(*value, "status"), "status");
  run.at_ms = time_of(member(*value, "at"), "at");
  return run;
}

NodeNote node_note_of(const Json& json, const NodeId& node) {
  NodeNote note;
  note.node = node_of(member(json, "node"), "node");
  if (note.node != node) refuse("node", "not the one of the file's name");
  if (const Json* incarnation = find(json, "incarnation"))
    note.incarnation = uuid_of(*incarnation, "incarnation");
  note.user = find_text(json, "user");
  note.host = find_text(json, "host");
  note.tool = find_text(json, "tool");
  note.seq = Seq{number_of(member(json, "seq"), "seq", kMaxNumber)};
  note.hash = find_digest(json, "hash");
  note.state = find_digest(json, "state");
  note.at_ms = time_of(member(json, "at"), "at");
  note.clock_offset_ms = find_signed(json, "clock_offset_ms", kMaxOffsetMs);
  note.last_run = find_last_run(json);
  note.pending = find_number(json, "pending");
  note.conflicts = find_number(json, "conflicts");
  note.behind = find_number(json, "behind");
  if (const Json* at = find(json, "last_success"))
    note.last_success_ms = time_of(*at, "last_success");
  note.failed_runs = find_number(json, "failed_runs");
  note.retired = find_flag(json, "retired");
  return note;
}

MasterNote master_note_of(const Json& json) {
  MasterNote note;
  note.seq = Seq{number_of(member(json, "seq"), "seq", kMaxNumber)};
  note.state = digest_of_member(member(json, "state"), "state");
  note.digest = find_digest(json, "digest");
  if (const Json* size = find(json, "size")) note.size = number_of(*size, "size", kMaxMasterBytes);
  if (const Json* node = find(json, "built_by")) note.built_by = node_of(*node, "built_by").value;
  if (const Json* at = find(json, "built_at")) note.built_at_ms = time_of(*at, "built_at");
  note.backup_day = find_day(json, "backup_day");
  note.file_ms = find_signed(json, "file_ms", std::int64_t{1} << 53);
  return note;
}

// ------------------------------------------------------------------------------------------------

template <typename Note, typename Read>
ParsedNote<Note> parse(std::string_view text, Read read) {
  if (text.size() > kMaxNoteTextBytes) return {std::nullopt, "it is too large"};
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return {std::nullopt, "it is no JSON object"};
  try {
    return {read(json), {}};
  } catch (const Fault& fault) {
    return {std::nullopt, fault.detail};
  }
}

std::string shown(const std::string& text) {
  return shorten_utf8(printable(text), kMaxTextBytes - 3);
}

template <typename Value>
void put(OrderedJson& json, const char* name, const std::optional<Value>& value) {
  if (value) json[name] = *value;
}

// A file that is too large for a note is a problem of that note only.
template <typename Note, typename Parse>
std::optional<ParsedNote<Note>> read(Dataset& dataset, const std::string& file, Parse parse_text) {
  try {
    const auto text = dataset.read_note(file);
    if (!text) return std::nullopt;
    return parse_text(*text);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDamaged) throw;
    return ParsedNote<Note>{std::nullopt, error.detail()};
  }
}

// "nodes/alice.json" -> "alice"; nullopt for names that are no node's.
std::optional<NodeId> node_of_file(const std::string& file) {
  const std::string prefix = std::string(layout::kNodesFolder) + "/";
  const std::string suffix = ".json";
  if (file.size() <= prefix.size() + suffix.size()) return std::nullopt;
  const std::string name = file.substr(prefix.size(), file.size() - prefix.size() - suffix.size());
  if (!is_node_id(name)) return std::nullopt;
  return NodeId{name};
}

}  // namespace

ParsedNote<NodeNote> parse_node_note(std::string_view text, const NodeId& node) {
  return parse<NodeNote>(text, [&](const Json& json) { return node_note_of(json, node); });
}

ParsedNote<MasterNote> parse_master_note(std::string_view text) {
  return parse<MasterNote>(text, master_note_of);
}

std::string to_json(const NodeNote& note) {
  OrderedJson json;
  json["node"] = note.node.value;
  if (!note.incarnation.empty()) json["incarnation"] = note.incarnation;
  json["user"] = shown(note.user);
  json["host"] = shown(note.host);
  json["tool"] = shown(note.tool);
  json["seq"] = note.seq.value;
  json["hash"] = note.hash.hex();
  json["state"] = note.state.hex();
  json["at"] = iso_utc(note.at_ms);
  put(json, "clock_offset_ms", note.clock_offset_ms);
  if (note.last_run) {
    json["last_run"] = {{"id", note.last_run->id},
                        {"status", note.last_run->status},
                        {"at", iso_utc(note.last_run->at_ms)}};
  }
  put(json, "pending", note.pending);
  put(json, "conflicts", note.conflicts);
  put(json, "behind", note.behind);
  if (note.last_success_ms) json["last_success"] = iso_utc(*note.last_success_ms);
  put(json, "failed_runs", note.failed_runs);
  json["retired"] = note.retired;
  return json.dump(2) + "\n";
}

std::string to_json(const MasterNote& note) {
  OrderedJson json;
  json["seq"] = note.seq.value;
  json["state"] = note.state.hex();
  json["digest"] = note.digest.hex();
  json["size"] = note.size;
  if (!note.built_by.empty()) json["built_by"] = note.built_by;
  if (note.built_at_ms > 0) json["built_at"] = iso_utc(note.built_at_ms);
  if (!note.backup_day.empty()) json["backup_day"] = note.backup_day;
  put(json, "file_ms", note.file_ms);
  return json.dump(2) + "\n";
}

std::optional<ParsedNote<NodeNote>> read_node_note(Dataset& dataset, const NodeId& node) {
  return read<NodeNote>(dataset, layout::node_note(node),
                        [&](const std::string& text) { return parse_node_note(text, node); });
}

std::optional<ParsedNote<MasterNote>> read_master_note(Dataset& dataset) {
  return read<MasterNote>(dataset, layout::kMasterNote, parse_master_note);
}

std::vector<ListedNode> read_node_notes(Dataset& dataset) {
  std::vector<ListedNode> nodes;
  for (const std::string& file : dataset.list_notes(layout::kNodesFolder)) {
    const auto node = node_of_file(file);
    if (!node) continue;
    const auto parsed = read_node_note(dataset, *node);
    if (parsed) nodes.push_back({*node, *parsed});
  }
  return nodes;
}

}  // namespace tidesync
