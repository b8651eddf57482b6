#include "sim/misfortunes.h"

#include <boost/filesystem/operations.hpp>
#include <fstream>

#include "base/error.h"
#include "share/batch_file.h"
#include "share/layout.h"
#include "sim/application.h"
#include "sim/checks.h"
#include "sim/node.h"
#include "sim/world.h"
#include "sync/log_reader.h"

namespace tidesync::sim {
namespace {

const Path kShare = "/share";
const Path kOther = "/other";
const Path kAway = "/away";
constexpr std::uint64_t kAll = 1u << 30;
constexpr std::uint64_t kPage = 4096;
constexpr std::int64_t kLongAwayMs = 91LL * 24 * 60 * 60 * 1000;

void remove_tree(FileSystem& fs, const Path& path) {
  const auto info = fs.stat(path);
  if (!info) return;
  if (info->is_directory) {
    for (const DirEntry& entry : fs.list(path)) remove_tree(fs, path / entry.name);
  }
  fs.remove(path);
}

// So that what is written over is not put right from the journal.
void move_into_one_file(const Path& file) {
  try {
    Database::open(file, OpenMode::kReadWrite).exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (const Error&) {
    // Damaged already.
  }
}

// Whether the node would put the entry back. One that it fetched and did not take in is not known
// to it after a crash.
bool keeps(Node& node, std::uint64_t seq, const std::string& file) {
  const auto cursor = static_cast<std::uint64_t>(
      node.app().get_int("SELECT v FROM tidesync_meta WHERE k = 'cursor_seq'"));
  return cursor >= seq &&
         boost::filesystem::exists(LocalPaths(node.database()).spool / from_utf8(file));
}

}  // namespace

Misfortunes::Misfortunes(World& world) : world_(world) {}
Misfortunes::~Misfortunes() = default;

void Misfortunes::set_up() {
  if (!world_.options().faults.swap) return;
  world_.share().create_directory(kOther);
  stranger_ = std::make_unique<Node>(world_, 99, 0);
  stranger_->create_database();
  stranger_->init(kOther);
}

// The fewer kinds the options allow, the more often each of them happens.
void Misfortunes::strike(Node& node) {
  const Faults& faults = world_.options().faults;
  const std::uint64_t weights[] = {
      faults.restore ? 6u : 0u, faults.clone ? 4u : 0u, faults.base ? 4u : 0u,
      faults.away ? 4u : 0u, faults.swap ? 3u : 0u, faults.tail ? 5u : 0u, faults.hole ? 4u : 0u,
      faults.damage ? 3u : 0u,
      // An older log under a newer floor is nothing that a backup of the share would bring.
      faults.rollback && !faults.retention ? 3u : 0u, faults.retention ? 4u : 0u};
  std::uint64_t total = 0;
  for (const std::uint64_t weight : weights) total += weight;
  if (total == 0) return;
  std::uint64_t draw = world_.random().below(total);
  int kind = 0;
  for (; draw >= weights[kind]; ++kind) draw -= weights[kind];
  strike(kind, node);
}

void Misfortunes::strike(int kind, Node& node) {
  constexpr int kFirstOnShare = 5;
  if (is_away_ && kind >= kFirstOnShare) return;
  switch (kind) {
    case 0:
      return restore(node);
    case 1:
      return clone(node);
    case 2:
      return lose_base(node);
    case 3:
    case 4:
      return take_away(kind == 4);
    case 5:
      return lose_tail();
    case 6:
      return make_hole();
    case 7:
      return damage_entry();
    case 8:
      return roll_back();
    default:
      return send_away(node);
  }
}

std::set<std::string> Misfortunes::alive() {
  std::set<std::string> tokens;
  world_.log().collect(tokens);
  for (const auto& node : world_.nodes()) collect_tokens(dump(node->app()), tokens);
  return tokens;
}

template <typename Event>
void Misfortunes::destroying(Event event) {
  std::set<std::string> gone = alive();
  event();
  for (const std::string& token : alive()) gone.erase(token);
  world_.ledger().destroyed(gone);
}

void Misfortunes::remove_entry(std::uint64_t seq) {
  world_.share().remove(world_.log().file_of(seq));
  world_.trace("share", "lost entry " + std::to_string(seq));
}

void Misfortunes::lose_tail() {
  const std::uint64_t length = world_.log().length();
  if (length < world_.log().first() + 3) return;
  ++world_.stats().tails;
  const std::uint64_t count = 1 + world_.random().below(2);
  destroying([&] {
    for (std::uint64_t i = 0; i < count; ++i) remove_entry(length - i);
  });
}

std::uint64_t Misfortunes::pick_kept_entry() {
  std::vector<std::uint64_t> kept;
  for (const std::uint64_t seq : world_.log().entries()) {
    const auto hash = world_.log().digest_of(seq);
    if (!hash || seq < world_.log().first()) continue;
    for (const auto& node : world_.nodes()) {
      const Path file = spool_file(LocalPaths(node->database()), Cursor{Seq{seq}, *hash});
      if (!keeps(*node, seq, to_utf8(file.filename()))) continue;
      kept.push_back(seq);
      break;
    }
  }
  return kept.empty() ? 0 : kept[world_.random().below(kept.size())];
}

void Misfortunes::make_hole() {
  const std::uint64_t seq = pick_kept_entry();
  if (seq == 0) return;
  ++world_.stats().holes;
  destroying([&] { remove_entry(seq); });
}

void Misfortunes::damage_entry() {
  const std::uint64_t seq = pick_kept_entry();
  if (seq == 0) return;
  ++world_.stats().damages;
  destroying([&] {
    std::string bytes = read_file(world_.share(), world_.log().file_of(seq), kAll).value();
    const std::size_t at = world_.random().below(bytes.size());
    if (world_.random().below(2)) {
      bytes.resize(at);
    } else {
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << world_.random().below(8)));
    }
    world_.share().remove(world_.log().file_of(seq));
    write_new_file(world_.share(), world_.log().file_of(seq), bytes, false);
    world_.trace("share", "damaged entry " + std::to_string(seq));
  });
}

// The log as an older backup of the share has it.
void Misfortunes::roll_back() {
  auto& share = world_.share();
  const ShareLog& log = world_.log();
  if (old_log_.empty() || world_.chance(3)) {
    old_log_.clear();
    for (const std::uint64_t seq : log.entries()) {
      if (!log.digest_of(seq)) break;
      old_log_[to_utf8(log.file_of(seq))] = read_file(share, log.file_of(seq), kAll).value();
    }
    return;
  }
  ++world_.stats().rollbacks;
  world_.trace("share", "ROLLED BACK to " + std::to_string(old_log_.size()) + " entries");
  destroying([&] {
    for (const std::uint64_t seq : log.entries()) share.remove(log.file_of(seq));
    for (const auto& [name, bytes] : old_log_) write_new_file(share, name, bytes, false);
  });
}

void Misfortunes::take_away(bool puts_another) {
  if (is_away_) return;
  auto& share = world_.share();
  ++world_.stats().aways;
  is_away_ = true;
  world_.log().move_to(kAway);
  another_is_there_ = puts_another;
  away_for_ = 2 + world_.random().below(40);
  share.rename_directory_new(kShare, kAway);
  if (puts_another) {
    share.rename_directory_new(kOther, kShare);
  } else {
    share.create_directory(kShare);
  }
  world_.trace("share", puts_another ? "is ANOTHER" : "is AWAY");
}

void Misfortunes::pass() {
  if (is_away_ && --away_for_ == 0) bring_back();
  if (absent_ && --absent_for_ == 0) absent_ = nullptr;
}

void Misfortunes::end() {
  absent_ = nullptr;
  bring_back();
}

// A node that is not switched on for so long that nobody waits for it any more.
void Misfortunes::send_away(Node& node) {
  if (absent_) return;
  node.crash();
  absent_ = &node;
  absent_for_ = 60 + world_.random().below(240);
  world_.time().now_ms += kLongAwayMs;
  world_.trace(node.name(), "is absent");
}

void Misfortunes::bring_back() {
  if (!is_away_) return;
  auto& share = world_.share();
  is_away_ = false;
  world_.log().move_to(kShare);
  if (another_is_there_) {
    share.rename_directory_new(kShare, kOther);
  } else {
    remove_tree(share, kShare);
  }
  share.rename_directory_new(kAway, kShare);
  world_.trace("share", "is back");
}

// Lost, cut off, or with some bytes that are not its own.
void Misfortunes::lose_base(Node& node) {
  node.crash();
  node.hidden_rows();  // remembers them
  ++world_.stats().bases;
  const Path file = node.base_file();
  const std::uint64_t draw = world_.random().below(3);
  world_.trace(node.name(), "base copy lost " + std::to_string(draw));
  if (draw > 0) move_into_one_file(file);
  for (const char* suffix : {"-wal", "-shm"}) boost::filesystem::remove(file.string() + suffix);
  const auto size = boost::filesystem::exists(file) ? boost::filesystem::file_size(file) : 0;
  if (draw == 0 || size == 0) {
    boost::filesystem::remove(file);
  } else if (draw == 1) {
    boost::filesystem::resize_file(file, world_.random().below(size));
  } else {
    std::fstream bytes(file.string(), std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(static_cast<std::streamoff>(world_.random().below(size) / kPage * kPage));
    bytes << std::string(kPage, static_cast<char>(world_.random().below(256)));
    bytes.close();
    // So many things happen within a tick of the real clock that the file's time might stay.
    boost::filesystem::last_write_time(file, boost::filesystem::last_write_time(file) + 1);
  }
}

void Misfortunes::restore(Node& node) {
  const Path backup = node.database().parent_path() / "backup.db";
  if (!boost::filesystem::exists(backup) || world_.chance(3)) {
    boost::filesystem::remove(backup);
    node.app().backup_to(backup);
    world_.trace(node.name(), "backed up");
    return;
  }
  ++world_.stats().restores;
  world_.trace(node.name(), "RESTORED");
  node.crash();
  destroying([&] {
    node.close_app();
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
      boost::filesystem::remove(node.database().string() + suffix);
    }
    boost::filesystem::copy_file(backup, node.database());
    node.open_app();
  });
}

// Whether `node`'s disk is not the last place of an entry that the share has lost.
bool Misfortunes::all_kept_elsewhere(Node& node) {
  for (const auto& file :
       boost::filesystem::directory_iterator(LocalPaths(node.database()).spool)) {
    const std::string name = file.path().filename().string();
    const std::uint64_t seq = std::strtoull(name.c_str(), nullptr, 10);
    const auto there = world_.log().digest_of(seq);
    bool kept =
        seq < world_.log().first() || (there && there->hex().substr(0, 16) == name.substr(9));
    for (const auto& other : world_.nodes())
      kept = kept || (other.get() != &node && keeps(*other, seq, name));
    if (!kept) return false;
  }
  return true;
}

void Misfortunes::clone(Node& from) {
  Node& onto = *world_.nodes()[world_.random().below(world_.nodes().size())];
  if (&onto == &from || !all_kept_elsewhere(onto)) return;
  ++world_.stats().clones;
  world_.trace(onto.name(), "is now a clone of " + from.name());
  from.crash();
  onto.crash();
  destroying([&] {
    onto.close_app();
    from.close_app();
    boost::filesystem::remove_all(onto.database().parent_path());
    boost::filesystem::copy(from.database().parent_path(), onto.database().parent_path(),
                            boost::filesystem::copy_options::recursive);
    from.open_app();
    onto.open_app();
  });
}

}  // namespace tidesync::sim
