// Every name on the share, built and parsed in this one file. All names are lower-case ASCII, at
// most 60 characters, safe on NTFS, HFS+, ext and FAT.
//
//   format.json                 identity of the dataset, written once
//   log/0000000/00000001        entry: a file, or a directory holding the single file "b"
//   nodes/<node>.json           registry and heartbeat, written by its owner
//   master.db, master.json      output: a plain SQLite file for people, and what it holds
//   tmp/<node>-<uuid>           staging
//   quarantine/                 bad entries moved aside
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace tidesync::layout {

inline constexpr std::uint64_t kEntriesPerFolder = 1000;
inline constexpr const char* kFormatFile = "format.json";
inline constexpr const char* kLogFolder = "log";
inline constexpr const char* kNodesFolder = "nodes";
inline constexpr const char* kStagingFolder = "tmp";
inline constexpr const char* kQuarantineFolder = "quarantine";
inline constexpr const char* kMasterFile = "master.db";
inline constexpr const char* kMasterNote = "master.json";
inline constexpr const char* kEntryContent = "b";

std::string log_folder(Seq seq);  // "log/0000000"
std::string entry_name(Seq seq);  // "00000001", eight digits at least
std::string entry_path(Seq seq);  // "log/0000000/00000001"
std::optional<Seq> parse_entry_name(std::string_view name);
std::string node_note(const NodeId& node);  // "nodes/alice.json"

}  // namespace tidesync::layout
