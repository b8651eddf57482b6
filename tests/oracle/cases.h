// The situations that are tried out: kinds of tables, and what a computer may do to one before it
// syncs. Every combination of them is a case.
#pragma once

#include <string>
#include <vector>

#include "oracle/model.h"

namespace tidesync::oracle {

// SQL with placeholders: {t} the case's own table, {n} the number of the computer.
struct Operation {
  std::string name;
  std::string sql;
  // Keys that now stand for another record, and rows evicted unseen; by table as in Shape::rules.
  std::map<std::string, std::set<std::string>> replaced;
  std::map<std::string, std::set<std::string>> evicted;
};

struct Shape {
  std::string name;
  std::string schema;                      // tables and the rows that all have
  Rules rules;                             // by table name with {t}
  std::map<std::string, std::string> key;  // SQL of the key, by table
  std::map<std::string, std::string> columns;
  std::vector<Operation> operations;

  const Operation& operation(const std::string& operation_name) const;
};

const std::vector<Shape>& shapes();

// Text of SQL or of a table's name for one case and computer.
std::string fill_in(std::string text, const std::string& table, int computer);

}  // namespace tidesync::oracle
