// `references` and `[tables.*]` of config.toml. What can be said without the tables is checked when
// the file is read, the rest by check_policies() when the tables are known.
#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "sync/config_parse.h"

namespace tidesync {
namespace {

constexpr std::string_view kReferenceExample = "\"quotes.customer_id -> customers\"";

std::uint32_t line_of(const toml::node& node) {
  return node.source().begin.line;
}

// References ------------------------------------------------------------------------------------

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// A name, or "a name" with its quotes doubled inside, from the front of `text`. False when there is
// none.
bool take_name(std::string_view& text, std::string& name) {
  name.clear();
  text = trim(text);
  if (text.empty() || text.front() != '"') {
    const std::size_t end = std::min({text.find('.'), text.find("->"), text.size()});
    name = trim(text.substr(0, end));
    text.remove_prefix(end);
    return !name.empty();
  }
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] != '"') {
      name += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '"') {
      name += text[i++];
    } else {
      text = trim(text.substr(i + 1));
      return !name.empty();
    }
  }
  return false;
}

bool take_sign(std::string_view& text, std::string_view sign) {
  text = trim(text);
  if (text.substr(0, sign.size()) != sign) return false;
  text.remove_prefix(sign.size());
  return true;
}

bool parse_reference(std::string_view text, ConfiguredReference& reference) {
  if (!take_name(text, reference.table) || !take_sign(text, ".") ||
      !take_name(text, reference.column) || !take_sign(text, "->") ||
      !take_name(text, reference.parent)) {
    return false;
  }
  if (take_sign(text, ".") && !take_name(text, reference.parent_column)) return false;
  return trim(text).empty();
}

// Lists and words -------------------------------------------------------------------------------

// The texts of a list, in `names`; what is wrong with it otherwise.
std::string take_names(const toml::node& node, std::vector<std::string>& names) {
  const toml::array* list = node.as_array();
  if (!list) return "must be a list of column names, not " + std::string(toml_type_name(node));
  for (const toml::node& entry : *list) {
    const auto* text = entry.as_string();
    if (!text || text->get().empty()) return "must hold column names in quotes";
    names.push_back(text->get());
  }
  return {};
}

std::string take_groups(const toml::node& node, TablePolicy& policy) {
  static const std::string kExample = ": groups = [[\"qty\", \"price\", \"total\"]]";
  const toml::array* list = node.as_array();
  if (!list) return "groups must be a list of lists of column names" + kExample;
  for (const toml::node& entry : *list) {
    std::vector<std::string> names;
    if (!entry.is_array()) return "groups must be a list of lists of column names" + kExample;
    const std::string problem = take_names(entry, names);
    if (!problem.empty()) return "a group " + problem + kExample;
    if (names.size() < 2) return "a group needs two columns or more" + kExample;
    policy.groups.push_back(std::move(names));
  }
  return {};
}

std::string take_word(const PolicyKey& key, const toml::node& node, TablePolicy& policy) {
  std::vector<std::string> words;
  for (const std::string_view word : key.words) {
    if (!word.empty()) words.push_back(quote_name(word));
  }
  const auto* text = node.as_string();
  for (std::size_t i = 0; text && i < words.size(); ++i) {
    if (key.words.at(i) != text->get()) continue;
    key.set(policy, static_cast<std::uint8_t>(i));
    return {};
  }
  return std::string(key.name) + " must be one of " + join(words, ", ") + ", not " +
         (text ? quote_name(printable(text->get())) : std::string(toml_type_name(node)));
}

std::string take_table_key(std::string_view name, const toml::node& node, TablePolicy& policy) {
  if (name == "groups") return take_groups(node, policy);
  if (name == "additive") {
    const std::string problem = take_names(node, policy.additive);
    return problem.empty() ? problem : "additive " + problem + ": additive = [\"stock\"]";
  }
  std::vector<std::string_view> known{"groups", "additive"};
  for (const PolicyKey& key : policy_keys()) {
    if (key.name == name) return take_word(key, node, policy);
    known.push_back(key.name);
  }
  return "unknown key " + quote_name(printable(name)) + did_you_mean(name, known);
}

// Choices that contradict each other, with the key to blame.
std::pair<std::string_view, std::string> contradiction(const TablePolicy& policy) {
  if (policy.merge == MergeUnit::kRow && !policy.groups.empty()) {
    return {"groups",
            "groups and merge = \"row\" exclude each other: with \"row\" all columns move "
            "together. Leave one of them out"};
  }
  if (policy.merge == MergeUnit::kRow && !policy.additive.empty()) {
    return {"additive",
            "additive and merge = \"row\" exclude each other: with \"row\" nothing is added up. "
            "Leave one of them out"};
  }
  if (policy.unique == UniquePolicy::kMerge && policy.same_key == SameKeyPolicy::kMerge) {
    return {"unique",
            "unique = \"merge\" and same_key = \"merge\" exclude each other: a record could be one "
            "with a second by its number and with a third by its value. Leave one of them out"};
  }
  return {};
}

// Sections --------------------------------------------------------------------------------------

class PolicyReader {
 public:
  PolicyReader(Config& config, std::vector<ConfigProblem>& problems)
      : config_(config), problems_(problems) {}

  void take_references(const toml::node& node) {
    const toml::array* list = node.as_array();
    const std::string example = ": references = [" + std::string(kReferenceExample) + "]";
    if (!list) {
      problems_.push_back({line_of(node), "references must be a list" + example});
      return;
    }
    for (const toml::node& entry : *list) {
      ConfiguredReference reference;
      const auto* text = entry.as_string();
      if (!text || !parse_reference(text->get(), reference)) {
        const std::string written = text ? quote_name(printable(text->get())) + " is" : "this is";
        problems_.push_back({line_of(entry), written +
                                                 " no reference; write TABLE.COLUMN -> "
                                                 "PARENT" +
                                                 example});
        continue;
      }
      note("references." + std::to_string(config_.policies.references.size()), line_of(entry));
      config_.policies.references.push_back(std::move(reference));
    }
  }

  void take_tables(const toml::node& node) {
    const toml::table* tables = node.as_table();
    if (!tables) {
      problems_.push_back({line_of(node), "tables must be sections: [tables.quotes]"});
      return;
    }
    std::set<std::string> seen;
    for (const auto& [name, section] : *tables) {
      const std::string table(name.str());
      const std::uint32_t line = name.source().begin.line;
      note("tables." + table, line);
      if (!section.is_table()) {
        problems_.push_back({line, quote_name(printable(table)) + " must be a section: [tables." +
                                       quoted(table) + "]"});
      } else if (!seen.insert(to_lower_ascii(table)).second) {
        problems_.push_back({line, "table " + quote_name(printable(table)) +
                                       " stands twice: put its rules into one section"});
      } else {
        take_table(table, *section.as_table());
      }
    }
  }

 private:
  void note(const std::string& place, std::uint32_t line) { config_.policy_lines[place] = line; }

  void take_table(const std::string& table, const toml::table& section) {
    TablePolicy policy;
    for (const auto& [name, node] : section) {
      const std::uint32_t line = name.source().begin.line;
      note("tables." + table + "." + std::string(name.str()), line);
      const std::string problem = take_table_key(name.str(), node, policy);
      if (!problem.empty()) problems_.push_back({line, problem});
    }
    const auto [key, problem] = contradiction(policy);
    if (!problem.empty()) {
      const std::string place = "tables." + table + "." + std::string(key);
      problems_.push_back({config_.policy_lines[place], problem});
    }
    config_.policies.tables[table] = std::move(policy);
  }

  Config& config_;
  std::vector<ConfigProblem>& problems_;
};

// A key that TOML reads without quotes.
std::string toml_key(const std::string& name) {
  const bool bare = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return bare ? name : quoted(name);
}

constexpr std::string_view kIntroduction =
    "\n# How single tables are merged, and references that the tables do not declare. They hold\n"
    "# for all nodes: the node whose file was changed last gives them to the others.\n";
constexpr std::string_view kExample =
    "# references = [\"quotes.customer_id -> customers\"]\n"
    "# [tables.quotes]\n"
    "# prefer = \"master\"\n";

}  // namespace

void take_policies(const toml::table& root, Config& config, std::vector<ConfigProblem>& problems) {
  PolicyReader reader(config, problems);
  if (const toml::node* node = root.get(kReferencesKey)) reader.take_references(*node);
  if (const toml::node* node = root.get(kTablesKey)) reader.take_tables(*node);
}

std::string print_policies(const PolicySet& policies) {
  std::string out(kIntroduction);
  if (policies == PolicySet()) return out + std::string(kExample);
  if (!policies.references.empty()) {
    out += "references = [\n";
    for (const ConfiguredReference& reference : policies.references)
      out += "  " + quoted(reference_text(reference)) + ",\n";
    out += "]\n";
  }
  for (const auto& [table, policy] : policies.tables) {
    out += "\n[tables." + toml_key(table) + "]\n";
    for (const std::string& line : policy_lines(policy)) out += line + "\n";
  }
  return out;
}

void read_policies(FileSystem& fs, const Path& file, Config& config) {
  const auto text = read_file(fs, file, kMaxConfigBytes);
  if (!text) {
    throw Error(ErrorCode::kNotFound, "read merge rules", to_utf8(file), "there is no such file",
                "give the path of a file with [tables.NAME] sections");
  }
  std::vector<ConfigProblem> problems;
  take_policies(parse_toml(file, *text), config, problems);
  if (!problems.empty()) refuse_config(file, std::move(problems));
}

std::vector<ConfigProblem> find_policy_problems(const Config& config,
                                                const std::vector<TableShape>& shapes) {
  std::vector<ConfigProblem> problems;
  for (const PolicyProblem& problem : check_policies(config.policies, shapes)) {
    const auto line = config.policy_lines.find(problem.place);
    problems.push_back({line == config.policy_lines.end() ? 0 : line->second, problem.text});
  }
  return problems;
}

void check_config_policies(const Path& file, const Config& config,
                           const std::vector<TableShape>& shapes) {
  std::vector<ConfigProblem> problems = find_policy_problems(config, shapes);
  if (!problems.empty()) refuse_config(file, std::move(problems));
}

}  // namespace tidesync
