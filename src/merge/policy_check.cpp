// Which policies cannot be obeyed, in words for whoever wrote them.
#include <algorithm>
#include <optional>
#include <set>

#include "base/text.h"
#include "merge/policy.h"
#include "merge/table_shape.h"

namespace tidesync {
namespace {

const TableShape* find_table(const std::vector<TableShape>& shapes, const std::string& name) {
  for (const TableShape& shape : shapes) {
    if (!shape.system && to_lower_ascii(shape.name) == to_lower_ascii(name)) return &shape;
  }
  return nullptr;
}

std::string table_names(const std::vector<TableShape>& shapes) {
  std::vector<std::string> names;
  for (const TableShape& shape : shapes) {
    if (!shape.system) names.push_back(shape.name);
  }
  return join(names, ", ");
}

std::string column_names(const TableShape& shape) {
  std::vector<std::string> names;
  for (const ColumnShape& column : shape.columns) names.push_back(column.name);
  return join(names, ", ");
}

std::string unknown_table(const std::string& name, const std::vector<TableShape>& shapes) {
  return "no synced table is named " + quote_name(name) +
         "; the synced tables are: " + table_names(shapes);
}

std::string unknown_column(const TableShape& shape, const std::string& name) {
  return "table " + quote_name(shape.name) + " has no synced column " + quote_name(name) +
         "; its columns are: " + column_names(shape);
}

bool is_key(const TableShape& shape, std::size_t column) {
  return std::find(shape.key.begin(), shape.key.end(), column) != shape.key.end();
}

// By what the table declares: its key_kind may come from the very policy that is checked.
bool has_integer_primary_key(const TableShape& shape) {
  return shape.key.size() == 1 && !shape.without_rowid &&
         to_lower_ascii(shape.columns[shape.key[0]].decl_type) == "integer";
}

bool is_in_unique(const TableShape& shape, std::size_t column) {
  return std::any_of(shape.uniques.begin(), shape.uniques.end(), [&](const UniqueShape& unique) {
    return std::find(unique.columns.begin(), unique.columns.end(), column) != unique.columns.end();
  });
}

class Checker {
 public:
  Checker(const PolicySet& policies, const std::vector<TableShape>& shapes)
      : policies_(policies), shapes_(shapes) {}

  std::vector<PolicyProblem> run() {
    for (const auto& [name, policy] : policies_.tables) check_table(name, policy);
    for (std::size_t i = 0; i < policies_.references.size(); ++i) {
      const std::string problem = reference_problem(policies_.references[i]);
      if (!problem.empty()) add("references." + std::to_string(i), problem);
    }
    return std::move(problems_);
  }

 private:
  void add(const std::string& place, const std::string& text) {
    problems_.push_back({place, text});
  }

  void check_table(const std::string& name, const TablePolicy& policy) {
    const std::string place = "tables." + name;
    const TableShape* shape = find_table(shapes_, name);
    if (!shape) {
      add(place, unknown_table(name, shapes_));
      return;
    }
    check_words(place, *shape, policy);
    std::set<std::size_t> grouped;
    for (const auto& group : policy.groups) check_group(place, *shape, group, grouped);
    for (const std::string& column : policy.additive) {
      const std::string problem = additive_problem(*shape, column, grouped);
      if (!problem.empty()) add(place + ".additive", problem);
    }
  }

  void check_words(const std::string& place, const TableShape& shape, const TablePolicy& policy) {
    if (policy.same_key == SameKeyPolicy::kMerge && !has_integer_primary_key(shape)) {
      add(place + ".same_key", "same_key is for tables with INTEGER PRIMARY KEY; in " +
                                   quote_name(shape.name) +
                                   " the same key means the same record anyway: leave it out");
    }
    if (policy.unique != UniquePolicy::kSuffix && shape.uniques.empty()) {
      add(place + ".unique",
          "table " + quote_name(shape.name) + " has no UNIQUE index besides its key: leave it out");
    }
    const bool refers = !shape.foreign_keys.empty() ||
                        std::any_of(policies_.references.begin(), policies_.references.end(),
                                    [&](const ConfiguredReference& reference) {
                                      return find_table(shapes_, reference.table) == &shape;
                                    });
    if (policy.orphan == OrphanPolicy::kDelete && !refers) {
      add(place + ".orphan", "table " + quote_name(shape.name) +
                                 " refers to no parent: declare a foreign key, name it in "
                                 "references, or leave orphan out");
    }
  }

  void check_group(const std::string& place, const TableShape& shape,
                   const std::vector<std::string>& names, std::set<std::size_t>& grouped) {
    for (const std::string& name : names) {
      const auto column = shape.find_column(name);
      std::string problem;
      if (!column) {
        problem = unknown_column(shape, name);
      } else if (is_key(shape, *column)) {
        problem = quote_name(name) + " is part of the key and never changes: leave it out";
      } else if (shape.is_meta(*column)) {
        problem = quote_name(name) + " follows the newer row by itself: leave it out";
      } else if (!grouped.insert(*column).second) {
        problem = quote_name(name) +
                  " stands in two groups, or twice: put all columns that hang "
                  "together into one group";
      }
      if (!problem.empty()) add(place + ".groups", problem);
    }
  }

  std::string additive_problem(const TableShape& shape, const std::string& name,
                               const std::set<std::size_t>& grouped) const {
    const auto column = shape.find_column(name);
    const std::string quoted_name = quote_name(name);
    if (!column) return unknown_column(shape, name);
    const ColumnShape& found = shape.columns[*column];
    if (is_key(shape, *column)) return quoted_name + " is part of the key: keys do not add up";
    if (shape.is_meta(*column)) return quoted_name + " is a stamp: stamps do not add up";
    if (found.text_affinity) {
      return quoted_name + " holds text (" + found.decl_type + "): only numbers add up";
    }
    if (found.in_foreign_key || is_in_unique(shape, *column)) {
      return quoted_name + " is a reference or must be unique: a sum would mean another record";
    }
    if (grouped.count(*column) > 0) {
      return quoted_name + " stands in groups too: a column either adds up or moves with a group";
    }
    return {};
  }

  std::string reference_problem(const ConfiguredReference& reference) const {
    const TableShape* child = find_table(shapes_, reference.table);
    if (!child) return unknown_table(reference.table, shapes_);
    if (!child->find_column(reference.column)) return unknown_column(*child, reference.column);
    const TableShape* parent = find_table(shapes_, reference.parent);
    if (!parent) return unknown_table(reference.parent, shapes_);
    if (reference.parent_column.empty() && parent->key.size() != 1) {
      return "the key of " + quote_name(parent->name) +
             " has several columns: name the one that is meant, " + reference_text(reference) +
             ".COLUMN";
    }
    if (!reference.parent_column.empty() && !parent->find_column(reference.parent_column)) {
      return unknown_column(*parent, reference.parent_column);
    }
    return {};
  }

  const PolicySet& policies_;
  const std::vector<TableShape>& shapes_;
  std::vector<PolicyProblem> problems_;
};

}  // namespace

std::vector<PolicyProblem> check_policies(const PolicySet& policies,
                                          const std::vector<TableShape>& shapes) {
  return Checker(policies, shapes).run();
}

}  // namespace tidesync
