#include "replica/policies.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"

namespace tidesync {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSeenKey = "policies_seen";

Json json_of(const TablePolicy& policy) {
  Json json = Json::object();
  for (const PolicyKey& key : policy_keys()) {
    const std::uint8_t word = key.get(policy);
    if (word != 0) json[std::string(key.name)] = std::string(key.words.at(word));
  }
  if (!policy.groups.empty()) json["groups"] = policy.groups;
  if (!policy.additive.empty()) json["additive"] = policy.additive;
  return json;
}

[[noreturn]] void throw_unknown(const std::string& what) {
  throw Error(ErrorCode::kTooNew, "read merge policies of the share", what,
              "this version of tidesync does not know it", "Update tidesync on this computer.");
}

void read_word(TablePolicy& policy, const std::string& name, const Json& value) {
  for (const PolicyKey& key : policy_keys()) {
    if (key.name != name) continue;
    const auto word = std::find(key.words.begin(), key.words.end(), value.get<std::string>());
    if (word == key.words.end() || word->empty()) throw_unknown(name + " = " + value.dump());
    key.set(policy, static_cast<std::uint8_t>(word - key.words.begin()));
    return;
  }
  throw_unknown(name);
}

TablePolicy policy_of(const Json& json) {
  TablePolicy policy;
  for (const auto& [name, value] : json.items()) {
    if (name == "groups") {
      policy.groups = value.get<std::vector<std::vector<std::string>>>();
    } else if (name == "additive") {
      policy.additive = value.get<std::vector<std::string>>();
    } else {
      read_word(policy, name, value);
    }
  }
  return policy;
}

}  // namespace

std::string to_json(const PolicySet& policies) {
  Json references = Json::array();
  for (const ConfiguredReference& reference : policies.references) {
    references.push_back(
        {reference.table, reference.column, reference.parent, reference.parent_column});
  }
  Json tables = Json::object();
  for (const auto& [name, policy] : policies.tables) {
    if (!policy.is_default()) tables[name] = json_of(policy);
  }
  if (references.empty() && tables.empty()) return {};
  return Json{{"references", references}, {"tables", tables}}.dump(-1, ' ', false,
                                                                   Json::error_handler_t::replace);
}

PolicySet parse_policies(std::string_view text) {
  PolicySet policies;
  if (text.empty()) return policies;
  try {
    const Json json = Json::parse(text);
    for (const Json& reference : json.at("references")) {
      policies.references.push_back(
          {reference.at(0).get<std::string>(), reference.at(1).get<std::string>(),
           reference.at(2).get<std::string>(), reference.at(3).get<std::string>()});
    }
    for (const auto& [name, policy] : json.at("tables").items()) {
      policies.tables[name] = policy_of(policy);
    }
    return policies;
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kDamaged, "read", "merge policies of the share", error.what());
  }
}

std::optional<std::string> policies_to_publish(Local& local, const PolicySet& configured,
                                               std::string_view shared) {
  const std::string text = to_json(configured);
  if (text == local.get_meta(kSeenKey) || text == shared) return std::nullopt;
  return text;
}

PolicySet policies_noted(Local& local) {
  return parse_policies(local.get_meta(kSeenKey));
}

void note_policies_proposed(Local& local, const PolicySet& configured) {
  const std::string text = to_json(configured);
  if (local.get_meta(kSeenKey) != text) local.set_meta(kSeenKey, text);
}

}  // namespace tidesync
