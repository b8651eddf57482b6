// The chain: what the base copy remembers of every entry it ever folded, and the tip, the most
// advanced of them.
#include <algorithm>

#include "replica/base.h"
#include "replica/snapshot.h"

namespace tidesync {
namespace {

constexpr std::size_t kShortHashBytes = 8;

std::string_view short_hash(const Digest& hash) {
  return hash.view().substr(0, kShortHashBytes);
}

}  // namespace

bool lineage_goes_through(Database& db, const Cursor& at) {
  if (at.seq.value == 0) return true;
  Statement& find = db.cached("SELECT hash FROM tidesync_lineage WHERE seq = ?1");
  find.bind(1, static_cast<std::int64_t>(at.seq.value));
  const bool found = find.step() && find.column(0).bytes == short_hash(at.hash);
  find.reset();
  return found;
}

std::optional<ChainLink> Base::find_link(const Digest& hash) {
  Statement& find =
      db_.cached("SELECT seq, prev, uuid, node, file_size FROM tidesync_chain WHERE hash = ?1");
  find.bind_text(1, hash.hex());
  std::optional<ChainLink> link;
  if (find.step()) {
    link = ChainLink{{Seq{static_cast<std::uint64_t>(find.get_int(0))}, hash},
                     digest_from_hex(find.get_text(1)),
                     find.get_text(2),
                     find.get_text(3),
                     static_cast<std::uint64_t>(find.get_int(4))};
  }
  find.reset();
  return link;
}

std::vector<ChainLink> Base::last_links(std::size_t count) {
  return links_from(cursor_.hash, count);
}

std::vector<ChainLink> Base::tip_links(std::size_t count) {
  const Digest tip = digest_from_hex(get_state("tip"));
  const auto newest = tip.is_none() ? std::nullopt : find_link(tip);
  if (!newest || newest->at.seq <= cursor_.seq) return last_links(count);
  const std::uint64_t beyond = newest->at.seq.value - cursor_.seq.value;
  const auto links = links_from(tip, count + beyond);
  const bool is_ours = cursor_.seq.value == 0 ||
                       std::any_of(links.begin(), links.end(),
                                   [&](const ChainLink& link) { return link.at == cursor_; });
  return is_ours ? links : last_links(count);
}

void Base::remember_tip() {
  const Digest tip = digest_from_hex(get_state("tip"));
  const auto known = tip.is_none() ? std::nullopt : find_link(tip);
  if (!known || known->at.seq < cursor_.seq) set_state("tip", cursor_.hash.hex());
}

void Base::forget_tip() {
  if (!get_state("tip").empty()) set_state("tip", "");
}

std::vector<ChainLink> Base::links_from(Digest hash, std::size_t count) {
  std::vector<ChainLink> links;
  while (links.size() < count && !hash.is_none()) {
    const auto link = find_link(hash);
    if (!link) break;
    links.push_back(*link);
    hash = link->prev;
  }
  return links;
}

void Base::add_link(const ChainLink& link) {
  Statement& insert = db_.cached(
      "INSERT OR REPLACE INTO tidesync_chain (hash, seq, prev, uuid, node, file_size)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
  insert.bind_text(1, link.at.hash.hex()).bind(2, static_cast<std::int64_t>(link.at.seq.value));
  insert.bind_text(3, link.prev.hex()).bind_text(4, link.uuid).bind_text(5, link.node);
  insert.bind(6, static_cast<std::int64_t>(link.file_size)).run();
  db_.cached("INSERT OR REPLACE INTO tidesync_lineage (seq, hash) VALUES (?1, ?2)")
      .bind(1, static_cast<std::int64_t>(link.at.seq.value))
      .bind_blob(2, short_hash(link.at.hash))
      .run();
}

void Base::drop_lineage_above(Seq seq) {
  db_.cached("DELETE FROM tidesync_lineage WHERE seq > ?1")
      .bind(1, static_cast<std::int64_t>(seq.value))
      .run();
}

bool Base::lineage_has(const Cursor& at) {
  if (at.seq.value == 0) return true;
  if (at.seq > cursor_.seq) return false;
  return lineage_goes_through(db_, at);
}

std::optional<Cursor> Base::place_of(Seq seq) {
  Statement& find = db_.cached("SELECT hash FROM tidesync_chain WHERE seq = ?1");
  find.bind(1, static_cast<std::int64_t>(seq.value));
  std::vector<Digest> hashes;
  while (find.step()) hashes.push_back(digest_from_hex(find.get_text(0)));
  find.reset();
  for (const Digest& hash : hashes) {
    if (lineage_has({seq, hash})) return Cursor{seq, hash};
  }
  return std::nullopt;
}

void Base::prune_chain(Seq first) {
  db_.cached("DELETE FROM tidesync_chain WHERE seq < ?1")
      .bind(1, static_cast<std::int64_t>(first.value))
      .run();
}

std::vector<std::string> Base::node_names() {
  std::vector<std::string> names;
  Statement rows = db_.prepare("SELECT DISTINCT node FROM tidesync_chain");
  while (rows.step()) names.push_back(rows.get_text(0));
  return names;
}

}  // namespace tidesync
