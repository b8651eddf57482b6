#include "inspect/master.h"

#include "base/error.h"
#include "replica/base.h"
#include "replica/local.h"
#include "share/dataset.h"
#include "sync/node_config.h"

namespace tidesync {
namespace {

MasterReport::Age age_of(const MasterNote& note, Base& base) {
  using Age = MasterReport::Age;
  if (note.seq < base.cursor().seq) return Age::kOlder;
  if (note.seq > base.cursor().seq) return Age::kLater;
  return note.state == base.state() ? Age::kEqual : Age::kOther;
}

}  // namespace

MasterReport read_master(Environment& env, const Path& database) {
  const LocalPaths paths(database);
  const Config config = read_node_config(env, paths);
  Local local(database, config.patience_ms);
  if (!local.is_attached()) {
    throw Error(ErrorCode::kNotFound, "read", to_utf8(database), "this database is not synced",
                "Run tidesync init or tidesync join first.");
  }
  Base base(paths.base);
  Dataset dataset(env.share, config.share, env.clock, env.random, config.node);
  dataset.open(local.get_meta("share_id"));
  MasterReport report;
  report.seq_here = base.cursor().seq;
  report.daily_backups = config.daily_backups;
  report.keep_rule = config.keep_backups;
  if (const auto note = read_master_note(dataset)) {
    report.note = note->note;
    report.note_problem = note->problem;
  }
  create_directories(env.local, paths.staging);
  const MasterFound found =
      check_master(env, paths, dataset, base, report.note, MasterCheck::kThorough);
  report.state = found.state;
  report.size = found.size;
  if (report.note && found.state == MasterState::kOurs) report.age = age_of(*report.note, base);
  report.backups = Backups(env.share, dataset).list();
  return report;
}

}  // namespace tidesync
