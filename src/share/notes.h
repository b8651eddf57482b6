// Notes on the share: nodes/<node>.json and master.json. Each says what its writer last knew, for
// people and for decisions that may be late or wrong; nothing in them is needed for a sync to be
// right, and whatever stands in them may have been written by anybody.
//
// The parse functions therefore never throw for what a note says: every member is checked for its
// type, its range and the rules for names, members of other versions are passed over, and a note
// that breaks a rule is no note (with a reason for people). What a node of an older version does
// not write is absent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/ids.h"

namespace tidesync {

class Dataset;

// A note is small; a larger file is none of ours.
inline constexpr std::uint64_t kMaxNoteTextBytes = 64u << 10;

// Heartbeat of a node, written only by that node, but for `retired`, which anybody may set.
struct NodeNote {
  struct LastRun {
    Uuid id;
    std::string status;      // "success", "partial", "offline", "error"
    std::int64_t at_ms = 0;  // when it began
  };

  NodeId node;
  Uuid incarnation;
  std::string user, host, tool;
  // What it has taken in: everything up to this entry is in its database.
  Seq seq;
  Digest hash;
  Digest state;
  std::int64_t at_ms = 0;  // when it was written, by the node's clock
  std::optional<std::int64_t> clock_offset_ms;
  std::optional<LastRun> last_run;
  std::optional<std::uint64_t> pending;         // rows that wait to be published
  std::optional<std::uint64_t> conflicts;       // open ones
  std::optional<std::uint64_t> behind;          // entries on the share that it has not taken in
  std::optional<std::int64_t> last_success_ms;  // when its last sync that got through began
  std::optional<std::uint64_t> failed_runs;     // since then, one after another
  bool retired = false;                         // nobody waits for this node any more
};

// What master.db holds.
struct MasterNote {
  Seq seq;
  Digest state;   // of the rows
  Digest digest;  // of the file
  std::uint64_t size = 0;
  std::string built_by;                 // a node
  std::string backup_day;               // UTC day of the last daily backup; "" when not known
  std::int64_t built_at_ms = 0;         // 0: not said
  std::optional<std::int64_t> file_ms;  // time of master.db as the share gave it, when it was put
                                        // there
};

template <typename Note>
struct ParsedNote {
  std::optional<Note> note;
  std::string problem;  // for people, without the file's name; "" when there is a note
};

// `node`: whose note it is, by its file's name. One that names another node is damaged.
ParsedNote<NodeNote> parse_node_note(std::string_view text, const NodeId& node);
ParsedNote<MasterNote> parse_master_note(std::string_view text);
std::string to_json(const NodeNote& note);
std::string to_json(const MasterNote& note);

// nullopt when absent; else the note, or what is wrong with it. Throw what Dataset::read_note does,
// but for a note that is too large, which is a problem like others.
std::optional<ParsedNote<NodeNote>> read_node_note(Dataset& dataset, const NodeId& node);
std::optional<ParsedNote<MasterNote>> read_master_note(Dataset& dataset);

// All notes in nodes/, by name. Files whose names are no node's are passed over.
struct ListedNode {
  NodeId node;
  ParsedNote<NodeNote> parsed;
};
std::vector<ListedNode> read_node_notes(Dataset& dataset);

}  // namespace tidesync
