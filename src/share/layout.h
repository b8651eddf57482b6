// Every name on the share, built and parsed in this one file. All names are lower-case ASCII, at
// most 60 characters, safe on NTFS, HFS+, ext and FAT.
//
//   format.json                 identity of the dataset, written once
//   log/0000000/00000001        entry: a file, or a directory holding the single file "b"
//   snap/00000840-1f0c3a55-9b21.db   the state after entry 840, and .json beside it: what it holds
//   floor.json                  entries below this one may be gone
//   nodes/<node>.json           registry and heartbeat, written by its owner
//   master.db, master.json      output: a plain SQLite file for people, and what it holds
//   tmp/<node>-<uuid>           staging
//   quarantine/                 bad entries moved aside
//   backups/                    dated copies of master.db, and what others wrote in its place
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace tidesync::layout {

// What a dataset has unless its format.json says otherwise.
inline constexpr std::uint64_t kEntriesPerFolder = 1000;
inline constexpr const char* kFormatFile = "format.json";
inline constexpr const char* kLogFolder = "log";
inline constexpr const char* kNodesFolder = "nodes";
inline constexpr const char* kStagingFolder = "tmp";
inline constexpr const char* kQuarantineFolder = "quarantine";
inline constexpr const char* kMasterFile = "master.db";
inline constexpr const char* kMasterNote = "master.json";
inline constexpr const char* kSnapshotsFolder = "snap";
inline constexpr const char* kFloorNote = "floor.json";
inline constexpr const char* kBackupsFolder = "backups";
inline constexpr const char* kEntryContent = "b";

std::string folder_name(std::uint64_t number);  // "0000000", seven digits at least
std::string log_folder(Seq seq, std::uint64_t per_folder = kEntriesPerFolder);  // "log/0000000"
std::string entry_name(Seq seq);  // "00000001", eight digits at least
// "log/0000000/00000001"
std::string entry_path(Seq seq, std::uint64_t per_folder = kEntriesPerFolder);
std::optional<std::uint64_t> parse_folder_name(std::string_view name);
std::optional<Seq> parse_entry_name(std::string_view name);
std::string node_note(const NodeId& node);  // "nodes/alice.json"

}  // namespace tidesync::layout
