// The notes of an archive as JSON. They come from the share: every member is checked before it is
// used, and one that does not fit makes the whole note none.
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "share/archive.h"
#include "share/layout.h"

namespace tidesync {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxNameLength = 60;
constexpr std::size_t kMaxTextLength = 100;

std::optional<std::uint64_t> get_number(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

std::string get_text(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_string()) return {};
  return shorten_utf8(printable(found->get<std::string>()), kMaxTextLength);
}

// Exactly 64 digits; "none" is no digest here.
std::optional<Digest> get_digest(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_string()) return std::nullopt;
  try {
    const Digest digest = digest_from_hex(found->get<std::string>());
    return digest.is_none() ? std::nullopt : std::optional(digest);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

std::optional<Seq> parse_snapshot_name(std::string_view name) {
  if (name.size() > kMaxNameLength) return std::nullopt;
  const std::size_t dash = name.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  for (const char c : name.substr(dash)) {
    const bool known = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-';
    if (!known) return std::nullopt;
  }
  return layout::parse_entry_name(name.substr(0, dash));
}

std::string to_json(const SnapshotNote& note) {
  const Json json{{"tidesync_snapshot", 1},    {"share_id", note.share_id},
                  {"seq", note.seq.value},     {"hash", note.hash.hex()},
                  {"state", note.state.hex()}, {"digest", note.digest.hex()},
                  {"size", note.size},         {"made_by", printable(note.made_by)},
                  {"made_at", note.made_at}};
  return json.dump() + "\n";
}

std::optional<SnapshotNote> parse_snapshot_note(std::string_view text, const std::string& name) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || get_number(json, "tidesync_snapshot") != 1) return std::nullopt;
  const auto seq = get_number(json, "seq");
  const auto size = get_number(json, "size");
  const auto hash = get_digest(json, "hash");
  const auto state = get_digest(json, "state");
  const auto digest = get_digest(json, "digest");
  if (!seq || !size || !hash || !state || !digest) return std::nullopt;
  if (*size > kMaxSnapshotBytes || parse_snapshot_name(name) != Seq{*seq}) return std::nullopt;
  SnapshotNote note;
  note.name = name;
  note.share_id = get_text(json, "share_id");
  note.seq = Seq{*seq};
  note.hash = *hash;
  note.state = *state;
  note.digest = *digest;
  note.size = *size;
  note.made_by = get_text(json, "made_by");
  note.made_at = get_text(json, "made_at");
  if (!is_uuid(note.share_id)) return std::nullopt;
  return note;
}

std::string to_json(const Floor& floor) {
  const Json json{{"tidesync_floor", 1},          {"seq", floor.seq.value},
                  {"before", floor.before.hex()}, {"snapshot", floor.snapshot},
                  {"made_by", floor.made_by},     {"made_at", iso_utc(floor.made_at_ms)}};
  return json.dump() + "\n";
}

std::optional<Floor> parse_floor(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || get_number(json, "tidesync_floor") != 1) return std::nullopt;
  const auto seq = get_number(json, "seq");
  const auto before = get_digest(json, "before");
  Floor floor;
  if (!seq || *seq == 0 || !before) return std::nullopt;
  if (!parse_iso_utc(get_text(json, "made_at"), floor.made_at_ms)) return std::nullopt;
  floor.seq = Seq{*seq};
  floor.before = *before;
  floor.snapshot = get_text(json, "snapshot");
  floor.made_by = get_text(json, "made_by");
  if (!parse_snapshot_name(floor.snapshot)) return std::nullopt;
  return floor;
}

}  // namespace tidesync
