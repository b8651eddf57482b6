// What may be chosen per table, and references the schema does not declare. Plain values: read from
// config.toml (sync/config.h), kept on the share as one text (replica/policies.h), obeyed by
// three_way.h and the applier. docs/merge-rules.md says in words what each of them does.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tidesync {

// The first of each is the default.
enum class MergeUnit : std::uint8_t { kColumn, kRow };
enum class Preference : std::uint8_t { kNewest, kMaster, kLocal, kManual };
enum class DeletePolicy : std::uint8_t { kNewest, kEditWins, kDeleteWins };
enum class UniquePolicy : std::uint8_t { kSuffix, kPark, kMerge };
enum class SameKeyPolicy : std::uint8_t { kRenumber, kMerge };
enum class OrphanPolicy : std::uint8_t { kRestore, kDelete };

struct TablePolicy {
  MergeUnit merge = MergeUnit::kColumn;
  Preference prefer = Preference::kNewest;
  DeletePolicy deletes = DeletePolicy::kNewest;
  UniquePolicy unique = UniquePolicy::kSuffix;
  SameKeyPolicy same_key = SameKeyPolicy::kRenumber;
  OrphanPolicy orphan = OrphanPolicy::kRestore;
  std::vector<std::vector<std::string>> groups;  // names of columns that move together
  std::vector<std::string> additive;             // columns whose changes add up

  bool operator==(const TablePolicy&) const = default;
  bool is_default() const { return *this == TablePolicy(); }
};

// "quotes.customer_id -> customers.id": acts like a declared foreign key.
struct ConfiguredReference {
  std::string table, column;
  std::string parent;
  std::string parent_column;  // "": the parent's key
  bool operator==(const ConfiguredReference&) const = default;
};

struct PolicySet {
  std::map<std::string, TablePolicy> tables;  // by name as written
  std::vector<ConfiguredReference> references;
  bool operator==(const PolicySet&) const = default;
};

// A policy that is one word, such as prefer = "master". One list for everything that reads, writes
// or shows policies.
struct PolicyKey {
  std::string_view name;
  std::array<std::string_view, 4> words;  // the default first; "" behind the last
  std::uint8_t (*get)(const TablePolicy& policy);
  void (*set)(TablePolicy& policy, std::uint8_t word);
};
const std::array<PolicyKey, 6>& policy_keys();

// What differs from the default, each as a line of config.toml: prefer = "master".
std::vector<std::string> policy_lines(const TablePolicy& policy);
// "quotes.customer_id -> customers", as in config.toml.
std::string reference_text(const ConfiguredReference& reference);

struct TableShape;

// Puts the policies into the shapes of all synced tables: TableShape::policy, the groups and sums
// of columns, configured references as foreign keys. Names that no shape has are passed over (the
// table may have been dropped since): check_policies() is for people who write them.
void apply_policies(const PolicySet& policies, std::vector<TableShape>& shapes);
// What apply_policies() put into `from`, for the same table with its columns in the same order.
void inherit_policy(const TableShape& from, TableShape& to);

// Something in a policy set that cannot be obeyed.
struct PolicyProblem {
  std::string place;  // "tables.quotes.additive", "references.0": where it is written
  std::string text;   // what is wrong and what to do
};
// Compares the policies with the tables; none: they can be obeyed. `shapes` may have policies of
// their own, they are not looked at.
std::vector<PolicyProblem> check_policies(const PolicySet& policies,
                                          const std::vector<TableShape>& shapes);

}  // namespace tidesync
