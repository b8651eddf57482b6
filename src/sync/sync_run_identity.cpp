// Who this node is. A database and the folder beside it may be copied, by people or with a whole
// machine; then two go on under one name. What tells them apart is the incarnation, a number that
// each batch carries: whoever meets one of its own name and not of its own making takes another
// name. Both go on, and nobody waits for a person.
#include <boost/filesystem/operations.hpp>
#include <set>

#include "base/log.h"
#include "base/number.h"
#include "base/text.h"
#include "share/layout.h"
#include "share/share_check.h"
#include "sync/sync_run.h"

namespace tidesync {
namespace {

constexpr std::int64_t kOwnNoteMs = 60 * 60 * 1000;
constexpr std::size_t kNameBytes = 36;

// Whether the database of which this folder was made stands there still, beside this one.
bool is_elsewhere(FileSystem& fs, const std::string& noted, const Path& here) {
  const Path there = from_utf8(noted);
  try {
    if (noted.empty() || there == here || !fs.stat(LocalPaths(there).config)) return false;
  } catch (const Error&) {
    return false;  // a drive that is not there
  }
  boost::system::error_code error;
  const bool same = boost::filesystem::equivalent(there, here, error);
  return !error && !same;
}

}  // namespace

std::string SyncRun::unc_of_share() const {
  const std::string share = to_utf8(config_.share);
  return has_drive_letter(share) && env_.mount_of ? unc_path(share, env_.mount_of(config_.share))
                                                  : std::string();
}

std::string SyncRun::missing_drive_hint() const {
  const std::string share = to_utf8(config_.share);
  if (!has_drive_letter(share) || !env_.mount_of) return {};
  const auto noted = read_machine_note(env_.local, paths_);
  return missing_drive(share, env_.mount_of(config_.share), env_.user,
                       noted ? noted->share_unc : "");
}

void SyncRun::check_machine() {
  const auto noted = read_machine_note(env_.local, paths_);
  machine_ = noted.value_or(MachineNote{});
  const std::string here = to_utf8(paths_.database);
  const bool other_machine =
      noted && !env_.machine.empty() && !noted->machine.empty() && env_.machine != noted->machine;
  const bool is_copy =
      noted && !other_machine && is_elsewhere(env_.local, noted->database, paths_.database);
  const bool as_noted = noted && noted->machine == env_.machine && noted->database == here &&
                        noted->had(incarnation_);
  // For the day when an account without the drive runs this.
  const std::string unc = unc_of_share();
  const bool unc_noted = unc.empty() || unc == machine_.share_unc;
  if ((as_noted && unc_noted) || options_.dry_run) return;
  if (!unc.empty()) machine_.share_unc = unc;
  machine_.machine = env_.machine;
  machine_.database = here;
  machine_.add(incarnation_);
  if (other_machine || is_copy) {
    machine_.original = incarnation_;
    take_new_incarnation("copied from " + noted->database);
    result_.notes.push_back(
        other_machine ? "This database and its folder came from another computer. If it is still "
                        "synced there as well, one of the two gets another node name by itself."
                      : "This database and its folder are a copy of " + noted->database +
                            ". If both are synced, one of the two gets another node name by "
                            "itself.");
    return;
  }
  write_machine_note(env_.local, paths_, machine_);
}

bool SyncRun::is_of_another(const BatchHeader& header) const {
  if (header.node != config_.node) return false;
  // Our own from before a restore or another such change is ours, though this database forgot it.
  return header.incarnation == incarnation_ || header.incarnation == machine_.original ||
         !machine_.had(header.incarnation);
}

NodeId SyncRun::free_name(const std::vector<Pulled>& pulled) {
  std::set<std::string> taken;
  for (const std::string& note : dataset_->list_notes(layout::kNodesFolder)) taken.insert(note);
  for (const std::string& node : base_->node_names()) taken.insert(layout::node_note(NodeId{node}));
  for (const Pulled& entry : pulled) taken.insert(layout::node_note(entry.header.node));
  for (int number = 2;; ++number) {
    const NodeId name =
        make_node_id(config_.node.value.substr(0, kNameBytes) + "-" + std::to_string(number));
    if (taken.count(layout::node_note(name)) == 0) return name;
  }
}

// The configuration first: a stop in between is repaired by the next run, which finds the database
// under another name than the configuration's.
void SyncRun::take_new_name(const std::vector<Pulled>& pulled, const std::string& why) {
  const NodeId old = config_.node;
  if (options_.dry_run) return take_new_incarnation(why);
  config_.node = free_name(pulled);
  log::warning("the node " + old.value + " is " + config_.node.value + " from now on: " + why);
  set_config_text(env_.local, paths_.config, "node", config_.node.value);
  machine_.original.clear();
  take_new_incarnation(why);
  result_.node = config_.node.value;
  result_.notes.push_back(
      "Another computer syncs under the name " + old.value +
      ": one of the two is a copy of the other. This one is " + config_.node.value +
      " from now on; both go on, and nothing is lost. Another name: tidesync nodes rename " +
      config_.node.value + " NEW");
}

// What others did to our note: a copy of us that only reads, or somebody who gave us up.
void SyncRun::check_own_note() {
  const std::int64_t last_ms = int64_or(base_->get_state("own_note_ms"), 0);
  if (last_ms > 0 && now_ms() - last_ms < kOwnNoteMs && now_ms() >= last_ms) return;
  base_->set_state("own_note_ms", std::to_string(now_ms()));
  if (last_ms == 0) return;  // a new node: the note is its own
  const auto found = read_node_note(*dataset_, config_.node);
  if (!found || !found->note) return;
  const NodeNote& note = *found->note;
  if (note.retired) {
    result_.notes.push_back(
        "This computer had been retired (tidesync nodes retire); it is back, "
        "and counts again.");
  }
  const std::int64_t ours_ms = int64_or(base_->get_state("heartbeat_ms"), 0);
  const bool of_another =
      !note.incarnation.empty() && note.incarnation != incarnation_ &&
      (note.incarnation == machine_.original || !machine_.had(note.incarnation));
  if (of_another && note.last_run && note.last_run->at_ms > ours_ms)
    take_new_name({}, "another computer writes this one's note");
}

}  // namespace tidesync
