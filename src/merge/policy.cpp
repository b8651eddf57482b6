#include "merge/policy.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "merge/table_shape.h"

namespace tidesync {
namespace {

template <auto Member>
std::uint8_t get_word(const TablePolicy& policy) {
  return static_cast<std::uint8_t>(policy.*Member);
}

template <auto Member>
void set_word(TablePolicy& policy, std::uint8_t word) {
  using Choice = std::remove_reference_t<decltype(policy.*Member)>;
  policy.*Member = static_cast<Choice>(word);
}

template <auto Member>
constexpr PolicyKey key_of_word(std::string_view name, std::array<std::string_view, 4> words) {
  return {name, words, get_word<Member>, set_word<Member>};
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::vector<std::string> parts;
  for (const std::string& name : names) parts.push_back(quoted(name));
  return "[" + join(parts, ", ") + "]";
}

// A name in a reference: in quotes when it has signs of its own.
std::string name_text(const std::string& name) {
  const bool plain = !name.empty() && name.find_first_of(".\">") == std::string::npos &&
                     name.front() != ' ' && name.back() != ' ';
  return plain ? name : quote_name(name);
}

TableShape* find_table(std::vector<TableShape>& shapes, const std::string& name) {
  for (TableShape& shape : shapes) {
    if (!shape.system && to_lower_ascii(shape.name) == to_lower_ascii(name)) return &shape;
  }
  return nullptr;
}

void apply_table(const TablePolicy& policy, TableShape& shape) {
  shape.policy = policy;
  std::uint16_t group = 0;
  for (const auto& names : policy.groups) {
    ++group;
    for (const std::string& name : names) {
      if (const auto column = shape.find_column(name)) shape.columns[*column].group = group;
    }
  }
  for (const std::string& name : policy.additive) {
    if (const auto column = shape.find_column(name)) shape.columns[*column].additive = true;
  }
  if (policy.same_key == SameKeyPolicy::kMerge) shape.key_kind = KeyKind::kNatural;
}

bool is_declared(const TableShape& child, const ForeignKeyShape& reference) {
  return std::any_of(child.foreign_keys.begin(), child.foreign_keys.end(), [&](const auto& key) {
    return key.child_columns == reference.child_columns &&
           to_lower_ascii(key.parent_table) == to_lower_ascii(reference.parent_table);
  });
}

void apply_reference(const ConfiguredReference& reference, std::vector<TableShape>& shapes) {
  TableShape* child = find_table(shapes, reference.table);
  TableShape* parent = find_table(shapes, reference.parent);
  if (!child || !parent) return;
  const auto column = child->find_column(reference.column);
  auto parent_column = parent->find_column(reference.parent_column);
  if (reference.parent_column.empty() && parent->key.size() == 1) parent_column = parent->key[0];
  if (!column || !parent_column) return;
  ForeignKeyShape key;
  key.child_columns = {*column};
  key.parent_table = parent->name;
  key.parent_columns = {parent->columns[*parent_column].name};
  key.configured = true;
  if (is_declared(*child, key)) return;
  child->foreign_keys.push_back(std::move(key));
  child->columns[*column].in_foreign_key = true;
  parent->columns[*parent_column].referenced = true;
  // A number that is a reference names the same thing everywhere, as with a declared one.
  if (child->key.size() == 1 && child->key[0] == *column) child->key_kind = KeyKind::kNatural;
}

}  // namespace

const std::array<PolicyKey, 6>& policy_keys() {
  static constexpr std::array<PolicyKey, 6> kKeys{{
      key_of_word<&TablePolicy::merge>("merge", {"column", "row"}),
      key_of_word<&TablePolicy::prefer>("prefer", {"newest", "master", "local", "manual"}),
      key_of_word<&TablePolicy::deletes>("delete", {"newest", "edit-wins", "delete-wins"}),
      key_of_word<&TablePolicy::unique>("unique", {"suffix", "park", "merge"}),
      key_of_word<&TablePolicy::same_key>("same_key", {"renumber", "merge"}),
      key_of_word<&TablePolicy::orphan>("orphan", {"restore", "delete"}),
  }};
  return kKeys;
}

std::vector<std::string> policy_lines(const TablePolicy& policy) {
  std::vector<std::string> lines;
  for (const PolicyKey& key : policy_keys()) {
    const std::uint8_t word = key.get(policy);
    if (word != 0) lines.push_back(std::string(key.name) + " = " + quoted(key.words.at(word)));
  }
  std::vector<std::string> groups;
  for (const auto& group : policy.groups) groups.push_back(quoted_list(group));
  if (!groups.empty()) lines.push_back("groups = [" + join(groups, ", ") + "]");
  if (!policy.additive.empty()) lines.push_back("additive = " + quoted_list(policy.additive));
  return lines;
}

std::string reference_text(const ConfiguredReference& reference) {
  return name_text(reference.table) + "." + name_text(reference.column) + " -> " +
         name_text(reference.parent) +
         (reference.parent_column.empty() ? "" : "." + name_text(reference.parent_column));
}

void apply_policies(const PolicySet& policies, std::vector<TableShape>& shapes) {
  for (const auto& [name, policy] : policies.tables) {
    if (TableShape* shape = find_table(shapes, name)) apply_table(policy, *shape);
  }
  for (const ConfiguredReference& reference : policies.references) {
    apply_reference(reference, shapes);
  }
}

void inherit_policy(const TableShape& from, TableShape& to) {
  to.policy = from.policy;
  to.key_kind = from.key_kind;
  for (std::size_t i = 0; i < from.columns.size() && i < to.columns.size(); ++i) {
    to.columns[i].group = from.columns[i].group;
    to.columns[i].additive = from.columns[i].additive;
    to.columns[i].in_foreign_key |= from.columns[i].in_foreign_key;
    to.columns[i].referenced |= from.columns[i].referenced;
  }
  for (const ForeignKeyShape& key : from.foreign_keys) {
    if (key.configured && !is_declared(to, key)) to.foreign_keys.push_back(key);
  }
}

}  // namespace tidesync
