#include "schedule/worker_processes.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/child_process.h"

namespace tidesync {
namespace {

using Json = nlohmann::json;

// Exit codes of the command line, which are a promise to scripts; so are the names of errors.
constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kNewConflicts = 3;
constexpr int kShareUnreachable = 4;
constexpr int kTooOld = 6;
constexpr std::array<std::string_view, 5> kMayPass{"busy", "io", "disk_full", "share_unreachable",
                                                   "interrupted"};

std::string error_code(const Json& json) {
  const auto error = json.find("error");
  return error != json.end() && error->is_object() ? error->value("code", "") : "";
}

SyncEnd end_of(int exit_code, const Json& json) {
  switch (exit_code) {
    case kDone:
    case kNewConflicts:
      return json.value("put_off", false) ? SyncEnd::kWaits : SyncEnd::kDone;
    case kShareUnreachable:
      return SyncEnd::kOffline;
    case kUsage:
    case kTooOld:
      return SyncEnd::kPermanent;
    case kFailed: {
      const std::string code = error_code(json);
      const bool may_pass =
          code.empty() || std::find(kMayPass.begin(), kMayPass.end(), code) != kMayPass.end();
      return may_pass ? SyncEnd::kTransient : SyncEnd::kPermanent;
    }
    default:  // another sync, interrupted, killed
      return SyncEnd::kTransient;
  }
}

class SyncProcess : public SyncWorker {
 public:
  explicit SyncProcess(std::unique_ptr<ChildProcess> child) : child_(std::move(child)) {}

  std::optional<SyncEnded> wait(std::int64_t limit_ms) override {
    const auto code = child_->wait(limit_ms);
    output_ += child_->take_output();
    if (!code) return std::nullopt;
    return read_sync_end(*code, output_);
  }
  void ask_to_end() override { child_->ask_to_end(); }
  void kill() override { child_->kill(); }

 private:
  std::unique_ptr<ChildProcess> child_;
  std::string output_;
};

class LookoutProcess : public Lookout {
 public:
  LookoutProcess(Clock& clock, std::unique_ptr<ChildProcess> child)
      : clock_(clock), child_(std::move(child)), heard_ms_(clock.monotonic_ms()) {}
  LookoutProcess(const LookoutProcess&) = delete;
  LookoutProcess& operator=(const LookoutProcess&) = delete;
  ~LookoutProcess() override {
    if (!child_->exit_code()) child_->kill();
  }

  View look() override {
    const std::string heard = child_->take_output();
    if (!heard.empty()) heard_ms_ = clock_.monotonic_ms();
    text_ += heard;
    read_look_lines(text_, view_);
    view_.silent_ms = clock_.monotonic_ms() - heard_ms_;
    return view_;
  }
  bool has_ended() override { return child_->exit_code().has_value(); }

 private:
  Clock& clock_;
  std::unique_ptr<ChildProcess> child_;
  std::int64_t heard_ms_;
  std::string text_;
  View view_;
};

}  // namespace

SyncEnded read_sync_end(int exit_code, const std::string& output) {
  SyncEnded ended;
  ended.exit_code = exit_code;
  Json json = Json::parse(output, nullptr, false);
  if (json.is_object()) {
    ended.json = json.dump();
    const auto seq = json.find("seq_after");
    if (seq != json.end() && seq->is_number_unsigned()) ended.seq_after = seq->get<std::uint64_t>();
  } else {
    json = Json::object();
  }
  ended.end = end_of(exit_code, json);
  return ended;
}

void read_look_lines(std::string& text, Lookout::View& view) {
  constexpr std::string_view kHere = "here ";
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string line = text.substr(begin, end - begin);
    if (line == "away") view.share = Lookout::View::Share::kAway;
    if (line.rfind(kHere, 0) == 0) {
      view.share = Lookout::View::Share::kHere;
      view.newest = std::strtoull(line.c_str() + kHere.size(), nullptr, 10);
    }
  }
  text.erase(0, begin);
}

WorkerProcesses::WorkerProcesses(Clock& clock, Path program, Path database,
                                 std::vector<std::string> more, std::int64_t look_every_ms)
    : clock_(clock),
      program_(std::move(program)),
      database_(std::move(database)),
      more_(std::move(more)),
      look_every_ms_(look_every_ms) {}

std::vector<std::string> WorkerProcesses::command(const std::string& name) const {
  std::vector<std::string> words{to_utf8(program_), name, "--db", to_utf8(database_)};
  words.insert(words.end(), more_.begin(), more_.end());
  return words;
}

// A group of its own: Ctrl-C is for us, and we let the sync that is under way end in order.
std::unique_ptr<SyncWorker> WorkerProcesses::start_sync() {
  ChildCommand sync;
  sync.words = command("now");
  sync.words.insert(sync.words.end(), {"--unattended", "--json"});
  sync.capture_errors = false;
  sync.own_group = true;
  return std::make_unique<SyncProcess>(ChildProcess::start(sync));
}

std::unique_ptr<Lookout> WorkerProcesses::start_lookout() {
  ChildCommand lookout;
  lookout.words = command("look-out");
  lookout.words.insert(lookout.words.end(), {"--every-ms", std::to_string(look_every_ms_)});
  lookout.capture_errors = false;
  lookout.own_group = true;
  return std::make_unique<LookoutProcess>(clock_, ChildProcess::start(lookout));
}

}  // namespace tidesync
