// Random tables, as applications have them: every kind of key, types, rules, UNIQUE indexes of
// every form, generated columns, references of every kind, triggers of the application, stamps.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"

namespace tidesync::oracle {

enum class Domain {
  kToken,   // a text of its own each time
  kWord,    // one of few texts, in either case
  kNumber,  // one of few numbers
  kAnything,
  kStamp,  // kept by the application
};

struct RandomColumn {
  std::string name;
  Domain domain = Domain::kToken;
  std::string stamp;      // SQL of the present time, for kStamp
  std::string reference;  // SQL that gives the values to choose from; empty: no reference
  bool nullable = true;
  bool in_key = false;
  bool given = true;  // false: SQLite may choose it (INTEGER PRIMARY KEY)
};

// Composite references choose from rows, not from columns: the columns in one group go together.
struct RandomTable {
  std::string name;
  std::vector<RandomColumn> columns;  // without the generated ones
  std::vector<std::string> key;
  std::vector<std::string> unique;  // single columns that are UNIQUE in some form
  std::string referable;            // a UNIQUE column that others may refer to, or empty
  bool may_upsert = false;          // the key is a conflict target
};

struct RandomSchema {
  std::string sql;
  std::vector<RandomTable> tables;  // parents first
};

RandomSchema make_schema(Random& random);

}  // namespace tidesync::oracle
