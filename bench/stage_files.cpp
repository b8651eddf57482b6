#include "stage_files.h"

#include <boost/filesystem/operations.hpp>
#include <stdexcept>

#include "child.h"
#include "connection.h"

namespace tidesync::bench {
namespace {

namespace fs = boost::filesystem;

constexpr std::size_t kChunkBytes = 64u << 10;

void make_pristine(const Path& file, std::uint64_t rows) {
  const Cost cost = run_in_child([] {},
                                 [&] {
                                   Connection db(to_utf8(file));
                                   db.exec("PRAGMA page_size = 4096; PRAGMA synchronous = OFF");
                                   db.exec(quoting_schema());
                                   db.exec(quoting_rows(rows));
                                   return std::vector<double>{};
                                 });
  if (!cost.done) throw std::runtime_error("the database could not be made");
}

}  // namespace

void copy_content(const Path& from, const Path& to, bool durable) {
  DiskFileSystem disk;
  const auto in = disk.open_read(from);
  const auto out = disk.create_new(to);
  // Small: this process is what the measured ones are copies of.
  std::string chunk(kChunkBytes, '\0');
  for (std::size_t got = 0; (got = in->read(chunk.data(), chunk.size())) > 0;)
    out->write({chunk.data(), got});
  if (durable) out->sync();
  out->close();
}

void copy_tree(const Path& from, const Path& to) {
  fs::create_directories(to);
  for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
    const Path target = to / entry.path().filename();
    if (fs::is_directory(entry.status()))
      copy_tree(entry.path(), target);
    else
      copy_content(entry.path(), target);
  }
}

StageFiles::StageFiles(const Path& folder, std::uint64_t rows)
    : folder_(folder), rows_(rows), pristine_(folder / "pristine.db"), stage_{folder / "live"} {
  fs::remove_all(folder_);
  fs::create_directories(folder_);
  make_pristine(pristine_, rows);
}

StageFiles::~StageFiles() {
  boost::system::error_code ignored;
  fs::remove_all(folder_, ignored);
}

const Stage& StageFiles::set_up(Contender& contender) {
  fs::remove_all(stage_.folder);
  if (const auto kept = kept_.find(contender.name()); kept != kept_.end()) {
    copy_tree(kept->second, stage_.folder);
    return stage_;
  }
  for (const Path& file : {stage_.database(Side::kA), stage_.database(Side::kB), stage_.master()}) {
    fs::create_directories(file.parent_path());
    copy_content(pristine_, file);
  }
  const Cost cost = run_in_child([] {},
                                 [&] {
                                   contender.prepare(stage_);
                                   return std::vector<double>{};
                                 });
  if (!cost.done) throw std::runtime_error(contender.name() + " could not be prepared");
  if (contender.is_slow_to_prepare()) {
    const Path& place = kept_[contender.name()] = folder_ / ("kept" + std::to_string(kept_.size()));
    copy_tree(stage_.folder, place);
  }
  return stage_;
}

}  // namespace tidesync::bench
