#include "sim/share_log.h"

#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "share/archive.h"
#include "share/batch_file.h"
#include "share/layout.h"
#include "sim/ledger.h"
#include "sim/world.h"
#include "support/one_file.h"

namespace tidesync::sim {
namespace {

constexpr std::uint64_t kAll = 1u << 30;

std::vector<DirEntry> list_if_there(FileSystem& share, const Path& folder) {
  return share.stat(folder) ? share.list(folder) : std::vector<DirEntry>{};
}

}  // namespace

Path ShareLog::file_of(std::uint64_t seq) const {
  return root_ / layout::entry_path(Seq{seq}, per_folder_);
}

std::vector<std::uint64_t> ShareLog::entries() const {
  std::vector<std::uint64_t> seqs;
  for (const DirEntry& folder : list_if_there(share_, root_ / layout::kLogFolder)) {
    for (const DirEntry& entry : share_.list(root_ / layout::kLogFolder / folder.name)) {
      if (const auto seq = layout::parse_entry_name(entry.name)) seqs.push_back(seq->value);
    }
  }
  std::sort(seqs.begin(), seqs.end());
  return seqs;
}

std::uint64_t ShareLog::first() const {
  const auto text = read_file(share_, root_ / layout::kFloorNote, kAll);
  const auto floor = text ? parse_floor(*text) : std::nullopt;
  return floor ? floor->seq.value : 1;
}

std::uint64_t ShareLog::length() const {
  std::uint64_t seq = first() - 1;
  while (share_.stat(file_of(seq + 1))) ++seq;
  return seq;
}

std::optional<Digest> ShareLog::digest_of(std::uint64_t seq) const {
  try {
    return BatchReader(share_, file_of(seq)).hash();
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::size_t ShareLog::snapshots() const {
  return list_if_there(share_, root_ / layout::kSnapshotsFolder).size() / 2;  // each has a note
}

// "00000032-e147f2ce-...": not of a batch that the log has lost, or has another one for.
bool ShareLog::is_of_this_log(const std::string& snapshot) const {
  const std::uint64_t seq = std::strtoull(snapshot.c_str(), nullptr, 10);
  if (seq < first()) return true;
  const auto there = digest_of(seq);
  return there && snapshot.compare(9, 8, there->hex(), 0, 8) == 0;
}

void ShareLog::collect(std::set<std::string>& tokens) const {
  for (const DirEntry& file : list_if_there(share_, root_ / layout::kSnapshotsFolder)) {
    if (!is_of_this_log(file.name)) continue;
    const Path path = root_ / layout::kSnapshotsFolder / file.name;
    collect_tokens(read_file(share_, path, kAll).value_or(""), tokens);
  }
  std::optional<Digest> before;
  std::uint64_t seq_before = 0;
  for (const std::uint64_t seq : entries()) {
    try {
      BatchReader reader(share_, file_of(seq));
      if (before && seq == seq_before + 1 && !(reader.header().prev == *before)) return;
      for (Change change; reader.next(change);) {
        collect_tokens(change.new_image, tokens);
        for (const auto& column : change.columns) collect_tokens(column.new_value, tokens);
      }
      before = reader.hash();
      seq_before = seq;
    } catch (const Error&) {
      before.reset();
    }
  }
}

void ShareLog::observe() {
  for (const std::uint64_t seq : entries()) {
    test::OneFile file;
    file.content = read_file(share_, file_of(seq), kAll).value_or("");
    if (file.content.size() < kBatchTrailerBytes) continue;
    try {
      const std::string trailer = file.content.substr(file.content.size() - kBatchTrailerBytes);
      const std::string hash = parse_batch_trailer(trailer, file.content.size()).hash.hex();
      if (copies_.count(hash) > 0) continue;
      const BatchReader reader(file, "entry");
      copies_[hash] = {seq, reader.header().prev.hex(), file.content};
    } catch (const Error&) {
      // Damaged.
    }
  }
}

std::vector<std::string> ShareLog::history() const {
  std::vector<std::string> bytes;
  const std::uint64_t last = length();
  const std::uint64_t kept = first();
  const auto head = digest_of(last);
  std::string hash = head ? head->hex() : "";
  for (std::uint64_t seq = last; seq > 0; --seq) {
    const std::string name = "entry " + std::to_string(seq);
    const auto copy = copies_.find(hash);
    if (copy == copies_.end() || copy->second.seq != seq)
      throw Violation(name + " does not continue the log: nobody ever saw it");
    if (seq >= kept && read_file(share_, file_of(seq), kAll) != copy->second.bytes)
      throw Violation(name + " on the share is another than the one that was continued");
    bytes.push_back(copy->second.bytes);
    hash = copy->second.prev;
  }
  std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

}  // namespace tidesync::sim
