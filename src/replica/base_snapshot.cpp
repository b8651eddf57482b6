// A base copy that begins with a snapshot in place of the first entry of the log, and the sum of
// its rows.
#include "base/error.h"
#include "base/text.h"
#include "replica/base.h"
#include "replica/row_filler.h"
#include "replica/snapshot.h"

namespace tidesync {
namespace {

[[noreturn]] void throw_damaged(Database& snapshot, const std::string& why) {
  throw Error(ErrorCode::kDamaged, "read snapshot", to_utf8(snapshot.file()), why,
              "Nothing was taken from it. An older snapshot and the log serve as well.");
}

}  // namespace

void Base::take_snapshot(Database& snapshot, const Cursor& at, const Digest& state) {
  create_base_tables(db_, schema_of_snapshot(snapshot));
  set_state("policies", snapshot.get_text("SELECT v FROM tidesync_state WHERE k = 'policies'"));
  reload_shapes();
  for (const TableShape& shape : shapes_) {
    TableAccess theirs = TableAccess::of_share(snapshot, shape);
    TableAccess& ours = table(shape.id);
    RowFiller filler(ours, [&](const TableShape& where, const RowImage& row) {
      if (ours.insert(row) != WriteOutcome::kDone)
        throw_damaged(snapshot, "a row of table " + where.name + " does not fit its table");
    });
    Statement rows = theirs.scan();
    while (rows.step()) filler.add(theirs.image_of(rows));
    filler.finish();
  }
  state_ = sum_of_rows();
  if (state_.value() != state)
    throw_damaged(snapshot, "its rows are not those of the state it stands for");
  cursor_ = at;
  save_cursor();
  take_chain(snapshot, at);
  hold_where_due();
}

void Base::take_chain(Database& snapshot, const Cursor& at) {
  if (!lineage_goes_through(snapshot, at))
    throw_damaged(snapshot,
                  "it does not say how its lineage came to batch " + std::to_string(at.seq.value));
  Statement lineage =
      snapshot.prepare("SELECT seq, hash FROM tidesync_lineage WHERE seq <= ?1 ORDER BY seq");
  lineage.bind(1, static_cast<std::int64_t>(at.seq.value));
  drop_lineage_above(Seq{0});
  while (lineage.step()) {
    db_.cached("INSERT INTO tidesync_lineage (seq, hash) VALUES (?1, ?2)")
        .bind(1, lineage.get_int(0))
        .bind_blob(2, lineage.column(1).bytes)
        .run();
  }
  Statement find = snapshot.prepare(
      "SELECT seq, prev, uuid, node, file_size FROM tidesync_chain WHERE hash = ?1");
  std::uint64_t seq = at.seq.value;
  for (Digest hash = at.hash; !hash.is_none() && (seq == at.seq.value || !find_link(hash)); --seq) {
    find.reset();
    if (!find.bind_text(1, hash.hex()).step()) break;
    const ChainLink link{{Seq{static_cast<std::uint64_t>(find.get_int(0))}, hash},
                         digest_from_hex(find.get_text(1)),
                         find.get_text(2),
                         find.get_text(3),
                         static_cast<std::uint64_t>(find.get_int(4))};
    if (link.at.seq.value != seq) break;
    add_link(link);
    hash = link.prev;
  }
}

}  // namespace tidesync
