// What this database is known to have had in a table that is new to it, came back, was made anew or
// stood still: the third side of the merge that brings it up to date (replica/newcomers.h). Reads
// only. Thread rule: one thread, one transaction.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "replica/base.h"
#include "replica/local.h"
#include "replica/scratch.h"
#include "replica/stored_form.h"

namespace tidesync {

// A column that came, or came back.
struct NewColumn {
  std::size_t at = 0;         // in the shape
  std::string default_image;  // what the update puts into it
  // The column, in lower case, whose values it has; its own name when only its name was away for a
  // while; "" when its values are no older than the update.
  std::string continues;
};

class TableHistory {
 public:
  // `hints`: what the triggers saw in the table.
  TableHistory(Local& local, Base& base, Scratch& hints, const Newcomer& newcomer);

  const TableShape& shape() const { return shape_; }
  // No row of it is known: it is another table than the one that was synced.
  bool is_new() const { return is_new_; }
  // False: it stood still, and nobody knows what it had.
  bool is_known() const { return is_known_; }
  const std::vector<NewColumn>& columns() const { return columns_; }
  // Of these, those that the update emptied in every row.
  const std::vector<std::string>& emptied() const { return emptied_; }

  // Keys of rows that differ here and there, or are held; each once.
  void for_each_key(const std::function<void(const KeyImage&)>& visit);
  std::optional<HeldRow> held(const KeyImage& key);
  // The row in its present form, nullopt: it did not exist. `theirs`: the share's now, nullptr:
  // none.
  std::optional<RowImage> known(const std::optional<HeldRow>& held, const RowImage* theirs);
  // `known`, with what the update's own conversions made of it where the row here has just that.
  RowImage converted(const RowImage& known, const RowImage& mine);

 private:
  // A column that has another type since the update: what stood in the old one was converted twice.
  struct Retyped {
    std::size_t at = 0;
    StoredForm before, now;
  };
  bool is_key(std::size_t column) const;
  bool is_listed(std::size_t column) const;
  std::optional<RowImage> in_present_form(const HeldRow& held, const RowImage* theirs);
  void find_held_keys();
  void find_retyped();
  void find_emptied();
  bool is_another_table();
  void find_continued();

  Local& local_;
  Base& base_;
  Scratch& hints_;
  const Newcomer& newcomer_;
  const TableShape& shape_;
  bool is_new_ = false;
  bool is_known_ = true;
  bool has_held_ = false;
  std::vector<NewColumn> columns_;
  std::vector<std::string> emptied_;
  std::vector<std::unique_ptr<Retyped>> retyped_;
  // A row's key of now -> that under which it is held, where its type is another one since.
  std::map<KeyImage, KeyImage> held_keys_;
};

}  // namespace tidesync
