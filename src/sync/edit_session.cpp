#include "sync/edit_session.h"

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "sync/node_config.h"

namespace tidesync {

EditSession::EditSession(Environment& env, const Path& database, const std::string& operation)
    : paths_(database), config_(read_node_config(env, paths_)) {
  open_log(paths_, config_);
  lock_ = ProcessLock::try_acquire(paths_.lock, "held by a running tidesync");
  if (!lock_) {
    throw Error(ErrorCode::kAlreadyRunning, operation, to_utf8(database),
                "a sync of this database is running",
                "Wait until it has finished; nothing was changed.");
  }
  local_ = std::make_unique<Local>(database, config_.patience_ms);
  if (!local_->is_attached()) {
    throw Error(ErrorCode::kNotFound, operation, to_utf8(database), "this database is not synced",
                "Run tidesync init or tidesync join first.");
  }
  base_ = std::make_unique<Base>(paths_.base);
  if (base_->shapes().empty()) {
    throw Error(ErrorCode::kNotFound, operation, to_utf8(paths_.base),
                "the base copy is empty: nothing was synced yet, or the file was lost",
                "Nothing was changed. Run tidesync now first.");
  }
  // Columns that this version of the application has not: their values are those of the share.
  local_->set_absent_values(base_->row_lookup(), base_->exact_lookup());
  // A table that waits for a run stays as it is until then.
  local_->use_shapes(base_->shapes(), Local::Gates::kKeep);
}

const TableShape& EditSession::table(const std::string& name, const std::string& operation) {
  std::vector<std::string> names;
  for (const TableShape& shape : local_->shapes()) {
    if (shape.system) continue;
    if (to_lower_ascii(shape.name) == to_lower_ascii(name)) return shape;
    names.push_back(shape.name);
  }
  if (base_->find_shape(name)) {
    throw Error(ErrorCode::kSchema, operation, name,
                "the table here does not fit the share's, or waits for the next sync",
                "Nothing was changed. Run tidesync now, then look at tidesync status.");
  }
  throw Error(ErrorCode::kUsage, operation, name, "it is not a synced table",
              "Synced tables are: " + join(names, ", "));
}

}  // namespace tidesync
