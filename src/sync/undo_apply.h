// Brings the rows of a run back to what they were before it. Private to this room.
//
// A row that was changed since is not touched; with `force` it is, and what it was is kept as a
// conflict, so that no value goes without a record. A row that was deleted or inserted again since
// is another record: it stays as it is in any case.
#pragma once

#include <optional>
#include <string>

#include "merge/three_way.h"
#include "sync/edit_session.h"
#include "sync/row_editor.h"
#include "sync/undo.h"
#include "sync/undo_effects.h"

namespace tidesync {

class UndoApplier {
 public:
  // Counts into `result`.
  UndoApplier(EditSession& session, const UndoOptions& options, std::int64_t now_ms,
              UndoResult& result);

  // In a write transaction of the caller, who rolls back when result.refused. Throws as RowEditor.
  void apply(UndoEffects& effects);

 private:
  struct Verdict {
    bool matters = false;            // the run did something to the row that is still to be seen
    std::optional<RowImage> wanted;  // the row as it was; nullopt: there was none
    std::optional<RowImage> at_run;  // the row as the run left it
    std::string changed;             // what was done to it since; "" for nothing
    bool is_other_record = false;    // nothing can be taken back
  };

  void apply_row(const TableShape& shape, const KeyImage& key, const RowEffect& effect,
                 RowEditor& editor);
  Verdict judge(const TableShape& shape, const RowEffect& effect, const RowImage* current) const;
  Verdict judge_update(const TableShape& shape, const RowEffect& effect,
                       const RowImage* current) const;
  Verdict judge_whole(const TableShape& shape, const RowEffect& effect,
                      const RowImage* current) const;
  void count(const TableShape& shape, bool before, bool after);
  void keep_newer(const TableShape& shape, const KeyImage& key, const RowImage& current,
                  const Verdict& verdict);
  Author author_of(const TableShape& shape, const KeyImage& key, const RowImage& current);

  EditSession& session_;
  const UndoOptions& options_;
  std::int64_t now_ms_;
  UndoResult& result_;
};

// Tables of which so much is deleted that the next sync holds the deletions back.
std::vector<std::string> guarded_tables(Base& base,
                                        const std::map<std::string, UndoneTable>& tables);

}  // namespace tidesync
