// The files of a size: the database that all start from, what contenders prepared, and the one
// place where cases run. Everything is copied there anew for each repetition.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "contender.h"

namespace tidesync::bench {

class StageFiles {
 public:
  // Below `folder`, which is emptied; makes the database of `rows` rows.
  StageFiles(const Path& folder, std::uint64_t rows);
  ~StageFiles();
  StageFiles(const StageFiles&) = delete;
  StageFiles& operator=(const StageFiles&) = delete;

  std::uint64_t rows() const { return rows_; }
  const Path& pristine() const { return pristine_; }
  // Databases that are equal, and prepared as the contender wants it.
  const Stage& set_up(Contender& contender);
  const Stage& stage() const { return stage_; }

 private:
  Path folder_;
  std::uint64_t rows_;
  Path pristine_;
  Stage stage_;
  std::map<std::string, Path> kept_;  // by the contender's name
};

// Boost's own copying fails from one file system to another.
void copy_content(const Path& from, const Path& to, bool durable = false);
void copy_tree(const Path& from, const Path& to);

}  // namespace tidesync::bench
