// A conflict in words that a clerk understands.
#pragma once

#include <cstdint>
#include <string>

#include "replica/conflict_row.h"

namespace tidesync {

// Who reads it, and when.
struct Reader {
  std::string node;
  std::int64_t now_ms = 0;
  bool utc = false;  // times are UTC, not those of this computer's clock
};

// "customers 17"
std::string record_name(const ConflictRow& conflict);
// "customers 17: your phone was replaced by the one Bob saved at 14:05; yours is kept."
std::string conflict_sentence(const ConflictRow& conflict, const Reader& reader);
// "same field changed twice"
std::string kind_in_words(const std::string& kind);
// "you", "Bob", "somebody"
std::string person(const std::string& user, const std::string& node, const Reader& reader);
// "at 14:05" today, "on 2026-11-20 at 14:05" else; "" when it is no time.
std::string moment(const std::string& iso_utc, const Reader& reader);

// A file's name as an argument in a command line to be copied: 'my file.db'.
std::string quoted_argument(const std::string& text);
// The arguments that name the database in a command line to be copied: " --db 'my file.db'".
std::string db_argument(const std::string& db);

}  // namespace tidesync
