#include "sync/machine_note.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"

namespace tidesync {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFile = "machine.json";
constexpr std::uint64_t kMaxBytes = 64u << 10;
constexpr std::size_t kMaxIncarnations = 100;

std::string text_in(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

bool MachineNote::had(const Uuid& incarnation) const {
  return std::find(incarnations.begin(), incarnations.end(), incarnation) != incarnations.end();
}

void MachineNote::add(const Uuid& incarnation) {
  if (had(incarnation)) return;
  incarnations.push_back(incarnation);
  if (incarnations.size() > kMaxIncarnations) incarnations.erase(incarnations.begin());
}

std::optional<MachineNote> read_machine_note(FileSystem& fs, const LocalPaths& paths) {
  std::optional<std::string> text;
  try {
    text = read_file(fs, paths.folder / kFile, kMaxBytes);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDamaged) throw;
  }
  const Json json = Json::parse(text.value_or(""), nullptr, false);
  if (!json.is_object()) return std::nullopt;
  MachineNote note;
  note.machine = text_in(json, "machine");
  note.database = text_in(json, "database");
  note.share_unc = text_in(json, "share_unc");
  note.original = text_in(json, "original");
  if (const auto list = json.find("incarnations"); list != json.end() && list->is_array()) {
    for (const Json& one : *list) {
      if (one.is_string() && is_uuid(one.get_ref<const std::string&>()))
        note.add(one.get<std::string>());
    }
  }
  return note;
}

void write_machine_note(FileSystem& fs, const LocalPaths& paths, const MachineNote& note) {
  Json json;
  json["machine"] = note.machine;
  json["database"] = printable(note.database);
  json["incarnations"] = note.incarnations;
  if (!note.share_unc.empty()) json["share_unc"] = printable(note.share_unc);
  if (!note.original.empty()) json["original"] = note.original;
  replace_file(fs, paths.folder / "machine.json.new", paths.folder / kFile, json.dump(2) + "\n");
}

}  // namespace tidesync
