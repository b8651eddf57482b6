#include "share/probe.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "share/dataset_format.h"
#include "share/layout.h"

namespace tidesync {
namespace {

constexpr const char* kPrefix = "probe-";
constexpr std::size_t kUniqueDigits = 16;
constexpr std::int64_t kLeftoverAgeMs = 60 * 60 * 1000;
constexpr std::size_t kMostLeftovers = 100;
constexpr std::uint64_t kLimitBytes = 4096;
// cifs shows the old content of a replaced file to who reopens it within a second.
constexpr std::int64_t kReplacedPauseMs = 1200;

// Errors that say something about the share, and not about the one call.
bool ends_probing(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kDiskFull:
    case ErrorCode::kReadOnly:
    case ErrorCode::kNoPermission:
    case ErrorCode::kShareUnreachable:
    case ErrorCode::kNotFound:
      return true;
    default:
      return false;
  }
}

class Probe {
 public:
  Probe(FileSystem& fs, const Path& root, Clock& clock, Random& random, const ProbeOptions& options)
      : fs_(fs),
        folder_(root / layout::kStagingFolder),
        clock_(clock),
        options_(options),
        prefix_(kPrefix + make_uuid(random).substr(0, kUniqueDigits) + "-") {}

  ProbeReport run() {
    try {
      check_file();
      remove_leftovers();
      check_rename();
      choose_primitive();
    } catch (...) {
      clean_up();
      throw;
    }
    clean_up();
    report_.operations = operations_;
    return report_;
  }

 private:
  Path path(const std::string& name) const { return folder_ / (prefix_ + name); }

  // Each file is remembered before it is made: whatever happens, it is removed at the end.
  void write(const std::string& name, std::string_view content, bool durable) {
    made_.push_back(path(name));
    operations_ += durable ? 4 : 3;
    write_new_file(fs_, path(name), content, durable);
  }
  std::optional<std::string> read(const Path& file) {
    operations_ += 2;
    return read_file(fs_, file, kLimitBytes);
  }

  void check_file() {
    const std::string content = "tidesync was here";
    const std::int64_t before_ms = clock_.now_ms();
    write("file", content, true);
    const std::int64_t after_ms = clock_.now_ms();
    if (read(path("file")) != content) {
      throw Error(ErrorCode::kDamaged, "try out share", to_utf8(path("file")),
                  "the share gives back other bytes than were written",
                  "check the share and the network");
    }
    ++operations_;
    const auto info = fs_.stat(path("file"));
    if (!info) return;
    server_ms_ = info->modified_ms;
    if (after_ms >= before_ms)
      report_.clock_offset_ms = info->modified_ms - (before_ms + (after_ms - before_ms) / 2);
  }

  void remove_leftovers() {
    ++operations_;
    const auto entries = fs_.list(folder_);
    const std::string own = prefix_ + "file";
    const auto is_own = [&](const DirEntry& entry) { return entry.name == own; };
    if (std::none_of(entries.begin(), entries.end(), is_own))
      report_.listing_problem = "a new file is not listed at once";
    std::size_t looked_at = 0;
    for (const DirEntry& entry : entries) {
      if (entry.name.rfind(kPrefix, 0) != 0 || is_own(entry)) continue;
      if (++looked_at > kMostLeftovers) break;
      remove_leftover(entry);
    }
  }

  // By the share's clock on both sides: another computer may be probing at this moment.
  void remove_leftover(const DirEntry& entry) {
    try {
      ++operations_;
      const auto info = fs_.stat(folder_ / entry.name);
      if (!info || server_ms_ - info->modified_ms < kLeftoverAgeMs) return;
      remove(folder_ / entry.name, entry.is_directory);
      ++report_.removed;
    } catch (const Error& error) {
      log::debug(std::string("left behind: ") + error.what());
    }
  }

  void check_rename() {
    write("new", "new", false);
    write("old", "old", false);
    ++operations_;
    try {
      fs_.rename_replacing(path("new"), path("old"));
    } catch (const Error& error) {
      if (ends_probing(error)) throw;
      report_.rename_problem = error.detail();
      return;
    }
    if (read(path("old")) == "new") return;
    clock_.sleep_ms(kReplacedPauseMs);
    if (read(path("old")) == "new") return;
    report_.rename_problem = "the share says that a file was replaced, and it was not";
  }

  void choose_primitive() {
    const bool wants_links =
        options_.only.value_or(PublishPrimitive::kLink) == PublishPrimitive::kLink;
    if (wants_links) {
      report_.link_problem = try_primitive(PublishPrimitive::kLink);
      if (report_.link_problem.empty()) report_.primitive = PublishPrimitive::kLink;
      if (report_.primitive || options_.only) return;
    }
    report_.folder_problem = try_primitive(PublishPrimitive::kDirectory);
    if (report_.folder_problem.empty()) report_.primitive = PublishPrimitive::kDirectory;
  }

  // Why it does not work; empty when it does.
  std::string try_primitive(PublishPrimitive primitive) {
    try {
      const std::string problem = try_one_name(primitive);
      return problem.empty() && options_.names > 0 ? race(primitive) : problem;
    } catch (const Error& error) {
      if (ends_probing(error)) throw;
      return error.what();
    }
  }

  Path stage(PublishPrimitive primitive, const std::string& name, const std::string& content) {
    if (primitive == PublishPrimitive::kLink) {
      write(name, content, false);
      return path(name);
    }
    folders_.push_back(path(name));
    operations_ += 4;
    fs_.create_directory(path(name));
    write_new_file(fs_, path(name) / layout::kEntryContent, content, false);
    return path(name);
  }
  void will_stand(PublishPrimitive primitive, const Path& name) {
    (primitive == PublishPrimitive::kLink ? made_ : folders_).push_back(name);
  }
  NameOutcome give_name(PublishPrimitive primitive, const Path& from, const Path& to) {
    ++operations_;
    return primitive == PublishPrimitive::kLink ? fs_.link_new(from, to)
                                                : fs_.rename_directory_new(from, to);
  }
  std::optional<std::string> content_of(PublishPrimitive primitive, const Path& name) {
    return read(primitive == PublishPrimitive::kLink ? name : name / layout::kEntryContent);
  }

  // Two files, one name: the first must get it, the second must not.
  std::string try_one_name(PublishPrimitive primitive) {
    const std::string kind = primitive == PublishPrimitive::kLink ? "l" : "d";
    const Path name = path(kind + "name");
    will_stand(primitive, name);
    const Path first = stage(primitive, kind + "1", "first");
    const Path second = stage(primitive, kind + "2", "second");
    const NameOutcome one = give_name(primitive, first, name);
    if (one == NameOutcome::kUnsupported) return "the share does not know the operation";
    if (one != NameOutcome::kCreated) return "the share did not give a free name";
    const NameOutcome two = give_name(primitive, second, name);
    if (two == NameOutcome::kCreated) return "a second file got a name that was taken";
    if (content_of(primitive, name) != "first")
      return "the file under a name is not the one that got it";
    return {};
  }

  struct Racer {
    std::vector<Path> staged;  // one for each name; for links all the same
    std::vector<bool> won;
    std::exception_ptr failure;
  };

  std::string race(PublishPrimitive primitive) {
    std::vector<Racer> racers(std::max(1U, options_.threads));
    std::vector<Path> names;
    const std::string kind = primitive == PublishPrimitive::kLink ? "l" : "d";
    for (unsigned n = 0; n < options_.names; ++n) {
      names.push_back(path(kind + "race" + std::to_string(n)));
      will_stand(primitive, names.back());
    }
    for (std::size_t i = 0; i < racers.size(); ++i) prepare(primitive, racers[i], i);
    run_race(primitive, racers, names);
    for (const Racer& racer : racers) {
      if (racer.failure) std::rethrow_exception(racer.failure);
    }
    report_.raced_names += names.size();
    return judge(primitive, racers, names);
  }

  void prepare(PublishPrimitive primitive, Racer& racer, std::size_t number) {
    const std::string me = std::to_string(number);
    racer.won.resize(options_.names);
    for (unsigned n = 0; n < options_.names; ++n) {
      if (primitive == PublishPrimitive::kLink && n > 0) {
        racer.staged.push_back(racer.staged.front());
        continue;
      }
      const bool link = primitive == PublishPrimitive::kLink;
      racer.staged.push_back(
          stage(primitive, (link ? "lr" : "dr") + me + "-" + std::to_string(n), me));
    }
  }

  void run_race(PublishPrimitive primitive, std::vector<Racer>& racers,
                const std::vector<Path>& names) {
    const auto run_one = [&](Racer& racer) {
      try {
        for (std::size_t n = 0; n < names.size(); ++n)
          racer.won[n] = give_name(primitive, racer.staged[n], names[n]) == NameOutcome::kCreated;
      } catch (...) {
        racer.failure = std::current_exception();
      }
    };
    if (racers.size() == 1) {
      run_one(racers.front());
      return;
    }
    std::vector<std::thread> threads;
    for (Racer& racer : racers) threads.emplace_back([&run_one, &racer] { run_one(racer); });
    for (std::thread& thread : threads) thread.join();
  }

  std::string judge(PublishPrimitive primitive, const std::vector<Racer>& racers,
                    const std::vector<Path>& names) {
    for (std::size_t n = 0; n < names.size(); ++n) {
      std::vector<std::string> winners;
      for (std::size_t i = 0; i < racers.size(); ++i) {
        if (racers[i].won[n]) winners.push_back(std::to_string(i));
      }
      if (winners.size() > 1) return "two got one name at the same time";
      const auto content = content_of(primitive, names[n]);
      if (!content) return "nobody got a free name";
      // No winner: the answer was lost. What stands there counts.
      if (winners.size() == 1 && *content != winners.front())
        return "the file under a name is not the one that got it";
    }
    return {};
  }

  void remove(const Path& place, bool is_folder) {
    if (is_folder) {
      ++operations_;
      fs_.remove(place / layout::kEntryContent);
    }
    ++operations_;
    fs_.remove(place);
  }

  void clean_up() {
    const auto remove_all_of = [this](const std::vector<Path>& places, bool folders) {
      for (const Path& place : places) {
        try {
          remove(place, folders);
        } catch (const Error& error) {
          log::debug(std::string("left behind: ") + error.what());
        }
      }
    };
    remove_all_of(made_, false);
    remove_all_of(folders_, true);
  }

  FileSystem& fs_;
  Path folder_;
  Clock& clock_;
  ProbeOptions options_;
  std::string prefix_;
  ProbeReport report_;
  std::int64_t server_ms_ = 0;
  std::atomic<std::uint64_t> operations_{0};
  std::vector<Path> made_, folders_;
};

}  // namespace

ProbeReport probe_share(FileSystem& fs, const Path& root, Clock& clock, Random& random,
                        const ProbeOptions& options) {
  try {
    ProbeReport report;
    share_files::with_folder(fs, root, layout::kStagingFolder,
                             [&] { report = Probe(fs, root, clock, random, options).run(); });
    return report;
  } catch (const Error& error) {
    if (!error.hint().empty()) throw;
    share_files::rethrow_with(error, "try out share", to_utf8(root), "nothing was left there");
  }
}

void require_primitive(const ProbeReport& report, PublishPrimitive wanted, const Path& root) {
  if (report.primitive == wanted) return;
  const bool links = wanted == PublishPrimitive::kLink;
  throw Error(ErrorCode::kUsage, "try out share", to_utf8(root),
              std::string("the computers of this dataset publish by ") +
                  (links ? "hard links" : "renaming folders") +
                  ", and that does not work from here: " +
                  (links ? report.link_problem : report.folder_problem) + "; nothing was changed",
              "mount the share as the other computers do (docs/share-requirements.md)");
}

}  // namespace tidesync
