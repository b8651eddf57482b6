#include "cli/conflict_words.h"

#include <array>

#include "base/text.h"
#include "cli/display_width.h"
#include "cli/times.h"

namespace tidesync {
namespace {

constexpr std::size_t kLongestKey = 40;

struct Words {
  const ConflictRow& conflict;
  const Reader& reader;

  std::string winner() const { return person(conflict.winner_user, conflict.winner_node, reader); }
  std::string loser() const { return person(conflict.loser_user, conflict.loser_node, reader); }
  std::string winner_time() const { return moment(conflict.winner_updated_at, reader); }
};

// "your", "Bob's"
std::string possessive(const std::string& who) {
  return who == "you" ? "your" : who + "'s";
}
// "yours", "Bob's"
std::string possession(const std::string& who) {
  return who == "you" ? "yours" : who + "'s";
}
std::string with_time(const std::string& text, const std::string& time) {
  return time.empty() ? text : text + " " + time;
}

// "phone", "phone and name", "phone, name and price", "7 fields"
std::string enumerated(const std::vector<std::string>& names) {
  constexpr std::size_t kNamed = 3;
  if (names.size() > kNamed) return std::to_string(names.size()) + " fields";
  std::string text = names.front();
  for (std::size_t i = 1; i < names.size(); ++i)
    text += (i + 1 == names.size() ? " and " : ", ") + names[i];
  return text;
}

std::string replaced(const Words& words) {
  const auto columns = disputed_columns(words.conflict);
  const bool whole = columns.empty() || words.conflict.kind == "whole_row";
  const bool several = !whole && columns.size() > 1;
  const std::string loser = words.loser();
  const std::string by =
      words.winner() == "you"
          ? with_time("yours", words.winner_time())
          : with_time((several ? "those " : "the one ") + words.winner() + " saved",
                      words.winner_time());
  return possessive(loser) + " " + (whole ? "version" : enumerated(columns)) +
         (several ? " were" : " was") + " replaced by " + by + "; " + possession(loser) +
         (several ? " are kept." : " is kept.");
}

std::string edited_and_deleted(const Words& words) {
  if (words.conflict.winner) {
    return words.loser() + " deleted it, but " +
           with_time(words.winner() + " changed it", words.winner_time()) + ": it stays.";
  }
  return with_time(words.winner() + " deleted it", words.winner_time()) + ", and " + words.loser() +
         " had changed it: it is gone, and " + possessive(words.loser()) + " version is kept.";
}

// The value that yielded, when a suffix made it free again.
std::string used_twice(const Words& words) {
  const auto columns = disputed_columns(words.conflict);
  if (columns.size() == 1) {
    const Value* now = find_value(*words.conflict.winner, columns[0]);
    const Value* before = find_value(*words.conflict.loser, columns[0]);
    if (now && before && now->view().bytes.starts_with(std::string(before->view().bytes) + "~")) {
      return "another record has the " + columns[0] + " " + display(before->view()) +
             " already; this one is now " + display(now->view()) + ".";
    }
  }
  const std::string loser = words.loser();
  return "a value that must be unique belongs to another record: the earlier version stays, " +
         possession(loser) + " is kept.";
}

// The rule without what it says of the outcome.
std::string reason(const ConflictRow& conflict) {
  return conflict.rule.substr(0, conflict.rule.rfind(": "));
}

std::string taken_out(const Words& words) {
  const std::string because = "because " + reason(words.conflict);
  if (words.conflict.winner) {
    return possessive(words.loser()) + " version could not stay, " + because +
           "; the published version stays, " + possession(words.loser()) + " is kept.";
  }
  return "it was taken out of the table, " + because + "; it is kept whole.";
}

std::string otherwise(const Words& words) {
  // Nobody lost: one edit, and two ways to take it.
  if (words.conflict.kind == "late_child") return words.conflict.rule + ".";
  const std::string kept = words.conflict.loser ? possessive(words.loser()) + " version is kept."
                                                : std::string("the decision is kept.");
  return words.conflict.rule + "; " + kept;
}

std::string outcome(const Words& words) {
  const std::string& kind = words.conflict.kind;
  const bool two_rows = words.conflict.winner && words.conflict.loser;
  if (kind == "edit_delete") return edited_and_deleted(words);
  if (kind == "unique" && two_rows) return used_twice(words);
  if (kind == "set_aside") return taken_out(words);
  if (kind == "parent_restored")
    return words.loser() + " deleted it, but other records still need it: it is back.";
  if (kind == "orphan" && !words.conflict.winner) {
    return "it was deleted with the record it belongs to; " + possessive(words.loser()) +
           " version is kept.";
  }
  if (kind == "undo") {
    return words.winner() + " undid an older sync " + words.winner_time() +
           "; the newer values are kept.";
  }
  const bool replaces = kind == "same_column" || kind == "whole_row";
  return replaces && two_rows ? replaced(words) : otherwise(words);
}

}  // namespace

std::string person(const std::string& user, const std::string& node, const Reader& reader) {
  if (!node.empty() && node == reader.node) return "you";
  if (node == "share") return "the share";  // the older rows of a database that joined
  if (!user.empty()) return user;
  return node.empty() ? "somebody" : node;
}

std::string moment(const std::string& iso, const Reader& reader) {
  constexpr std::size_t kDate = 10;
  constexpr std::size_t kMinute = 16;
  std::int64_t at_ms = 0;
  if (!parse_iso_utc(iso, at_ms) || at_ms <= 0) return "";
  const auto time_of = [&](std::int64_t utc_ms) {
    return reader.utc ? utc_time(iso_utc(utc_ms)) : local_time(utc_ms);
  };
  const std::string text = time_of(at_ms);
  const std::string time = "at " + text.substr(kDate + 1, kMinute - kDate - 1);
  if (text.substr(0, kDate) == time_of(reader.now_ms).substr(0, kDate)) return time;
  return "on " + text.substr(0, kDate) + " " + time;
}

std::string record_name(const ConflictRow& conflict) {
  return conflict.table + " " + cut_to_width(printable(typed_key(conflict.key)), kLongestKey);
}

std::string conflict_sentence(const ConflictRow& conflict, const Reader& reader) {
  const bool is_doubtful = conflict.rule.find(", doubtful: ") != std::string::npos;
  return record_name(conflict) + ": " + outcome({conflict, reader}) +
         (is_doubtful ? " It is not certain which came later." : "");
}

std::string kind_in_words(const std::string& kind) {
  static constexpr std::array<std::pair<std::string_view, const char*>, 9> kWords{{
      {"same_column", "same field changed twice"},
      {"whole_row", "same record changed twice"},
      {"edit_delete", "changed and deleted"},
      {"unique", "unique value used twice"},
      {"set_aside", "taken out of the table"},
      {"parent_restored", "deleted, but still needed"},
      {"orphan", "deleted with its parent"},
      {"late_child", "came after its parent moved"},
      {"undo", "changed before an undo"},
  }};
  for (const auto& [name, words] : kWords) {
    if (name == kind) return words;
  }
  std::string text = kind;
  for (char& c : text) c = c == '_' ? ' ' : c;
  return text;
}

std::string quoted_argument(const std::string& text) {
  // Double quotes are understood everywhere; single ones where a shell would look into those.
  if (text.find_first_of(" '\"$`&|;<>()*?[]#~!{}") == std::string::npos) return text;
  const bool is_active = text.find_first_of("\"$`!") != std::string::npos;
  return is_active ? "'" + text + "'" : "\"" + text + "\"";
}

std::string db_argument(const std::string& db) {
  return db.empty() ? "" : " --db " + quoted_argument(db);
}

}  // namespace tidesync
