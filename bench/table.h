// A table in plain text that is a table in Markdown, too.
#pragma once

#include <string>
#include <vector>

namespace tidesync::bench {

class Table {
 public:
  explicit Table(std::vector<std::string> head) : rows_{std::move(head)} {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  // The first column to the left, the others to the right.
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// Three digits that matter: "0.42", "3.1", "870", "12,345".
std::string number(double value);
double median(std::vector<double> values);

}  // namespace tidesync::bench
