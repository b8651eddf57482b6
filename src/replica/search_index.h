// Full-text indexes of the application over its own tables (FTS5 and FTS4 with content=): its
// triggers keep them, and these do not run for rows that come in. So the index is made anew from
// its table afterwards, in a transaction of its own because that may take long; a note in the
// database tells a run that was stopped before it that it is still due.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "replica/local.h"

namespace tidesync {

struct SearchIndex {
  std::string name;
  std::string content;  // the table it is over
};
// Those over tables; an index that keeps texts of its own is left to the application.
std::vector<SearchIndex> list_search_indexes(Database& db);

// Notes that rows of these tables were written past the triggers. In a transaction.
void note_search_indexes_due(Local& local, const std::set<std::uint32_t>& tables);
bool search_indexes_are_due(Local& local);
// Makes those noted anew; in a transaction. Returns the names of indexes that could not be made, a
// tokenizer of the application's own being the usual reason.
std::vector<std::string> rebuild_search_indexes(Local& local);

}  // namespace tidesync
