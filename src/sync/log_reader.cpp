#include "sync/log_reader.h"

#include <cstdlib>

#include "base/error.h"
#include "base/log.h"

namespace tidesync {
namespace {

// Removes a fetched copy when the reader of it is gone.
class TemporaryFile {
 public:
  TemporaryFile(FileSystem& fs, Path file) : fs_(fs), file_(std::move(file)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    try {
      if (!file_.empty()) fs_.remove(file_);
    } catch (const Error& error) {
      log::debug(std::string("a temporary file stays: ") + error.what());
    }
  }

 private:
  FileSystem& fs_;
  Path file_;
};

}  // namespace

Path spool_file(const LocalPaths& paths, const Cursor& at) {
  std::string number = std::to_string(at.seq.value);
  if (number.size() < 8) number.insert(0, 8 - number.size(), '0');
  return paths.spool / (number + "-" + at.hash.hex().substr(0, 16));
}

Seq seq_of_spool_file(const std::string& name) {
  return Seq{std::strtoull(name.c_str(), nullptr, 10)};
}

LogReader::LogReader(Environment& env, const LocalPaths& paths, const Config& config, Uuid share_id)
    : env_(env), paths_(paths), config_(config), share_id_(std::move(share_id)) {}

LogReader::~LogReader() = default;

bool LogReader::reach_share() {
  if (asked_) return dataset_ != nullptr;
  asked_ = true;
  try {
    auto dataset =
        std::make_unique<Dataset>(env_.share, config_.share, env_.clock, env_.random, config_.node);
    dataset->open(share_id_);
    dataset_ = std::move(dataset);
  } catch (const Error& error) {
    share_problem_ = error.detail();
  }
  return dataset_ != nullptr;
}

std::optional<EntryInfo> LogReader::find_on_share(Seq seq) {
  // One listing tells of all entries that follow; they are asked for in ascending order.
  if (!listed_from_ || seq < *listed_from_) {
    listed_ = dataset_->list_entries(Seq{seq.value - 1}, 0);
    listed_from_ = seq;
  }
  for (const EntryInfo& entry : listed_) {
    if (entry.seq == seq) return entry;
  }
  return std::nullopt;
}

Path LogReader::fetch(Seq seq) {
  const auto entry = find_on_share(seq);
  if (!entry) return {};
  const Path file = paths_.staging / ("read-" + make_uuid(env_.random));
  return dataset_->fetch_entry(*entry, env_.local, file) ? file : Path();
}

bool LogReader::read(const Cursor& at, const Visit& visit) {
  try {
    BatchReader reader(env_.local, spool_file(paths_, at));
    if (reader.hash() == at.hash) {
      visit(reader);
      return true;
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound && error.code() != ErrorCode::kDamaged) throw;
  }
  if (!reach_share()) return false;
  const Path file = fetch(at.seq);
  if (file.empty()) return false;
  const TemporaryFile remove_later(env_.local, file);
  BatchReader reader(env_.local, file);
  if (!(reader.hash() == at.hash)) return false;
  visit(reader);
  return true;
}

std::optional<Cursor> LogReader::read_next(const Cursor& after, const Visit& visit) {
  if (!reach_share()) return std::nullopt;
  const Path file = fetch(after.seq.next());
  if (file.empty()) return std::nullopt;
  const TemporaryFile remove_later(env_.local, file);
  BatchReader reader(env_.local, file);
  const BatchHeader& header = reader.header();
  const bool continues =
      header.share_id == share_id_ && header.seq == after.seq.next() && header.prev == after.hash;
  if (!continues) return std::nullopt;
  const Cursor at{header.seq, reader.hash()};
  visit(reader);
  return at;
}

}  // namespace tidesync
