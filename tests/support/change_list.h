// Changes of a batch that own their bytes, as a sink and a source in memory.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "merge/change.h"

namespace tidesync::test {

class ChangeList : public ChangeSink {
 public:
  void add(const Change& change) override {
    Change mine = change;
    mine.key = keep(change.key);
    mine.old_image = keep(change.old_image);
    mine.new_image = keep(change.new_image);
    for (Change::ColumnChange& column : mine.columns) {
      column.old_value = keep(column.old_value);
      column.new_value = keep(column.new_value);
    }
    changes_.push_back(std::move(mine));
  }
  const std::vector<Change>& changes() const { return changes_; }
  std::vector<Change>& changes() { return changes_; }

 private:
  std::string_view keep(std::string_view bytes) { return bytes_.emplace_back(bytes); }
  std::deque<std::string> bytes_;  // stays where it is while others are added
  std::vector<Change> changes_;
};

class ChangeListSource : public ChangeSource {
 public:
  explicit ChangeListSource(const ChangeList& list, bool backward = false)
      : list_(list), backward_(backward) {}
  bool next(Change& change) override {
    const auto& all = list_.changes();
    if (next_ == all.size()) return false;
    change = backward_ ? all[all.size() - 1 - next_] : all[next_];
    ++next_;
    return true;
  }

 private:
  const ChangeList& list_;
  bool backward_;
  std::size_t next_ = 0;
};

}  // namespace tidesync::test
