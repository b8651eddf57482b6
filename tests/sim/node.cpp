#include "sim/node.h"

#include <boost/filesystem/operations.hpp>
#include <utility>

#include "base/error.h"
#include "sim/application.h"
#include "sim/sqlite_clock.h"
#include "sim/world.h"

#include "sync/config.h"
#include "sync/setup.h"

namespace tidesync::sim {
namespace {

using test::FaultAction;
using test::FsCall;
using test::FsOp;

const char* const kShare = "/share";
constexpr std::uint64_t kStormOneIn = 15;
constexpr std::int64_t kDayMinutes = 24 * 60;

const char* name_of(Step step) {
  constexpr const char* kNames[] = {"open",
                                    "recover",
                                    "list",
                                    "pull",
                                    "fold",
                                    "merge begin",
                                    "merge committed",
                                    "base committed",
                                    "scan",
                                    "sealed",
                                    "intent",
                                    "publish",
                                    "published",
                                    "acknowledged",
                                    "own base committed",
                                    "master",
                                    "record",
                                    "done"};
  return kNames[static_cast<int>(step)];
}

}  // namespace

Node::Node(World& world, int index, std::int64_t clock_offset_ms)
    : world_(world),
      name_("n" + std::to_string(index)),
      database_(world.folder() / name_ / "app.db"),
      random_(world.random().next()),
      clock_(world.time(), clock_offset_ms),
      share_(world.share(), [this](const FsCall& call) { return on_share_call(call); }),
      local_(disk_, [this](const FsCall& call) { return on_local_call(call); }),
      environment_{share_, local_, clock_, random_, "host-" + name_, name_, "tidesync simulated"} {
  boost::filesystem::create_directory(database_.parent_path());
}

Node::~Node() {
  crash();
}

Path Node::tidesync_folder() const {
  return LocalPaths(database_).folder;
}

Path Node::base_file() const {
  return LocalPaths(database_).base;
}

Database& Node::open_app() {
  app_ = std::make_unique<Database>(Database::open(database_, OpenMode::kReadWrite));
  app_->set_busy_timeout_ms(0);
  app_->exec("PRAGMA foreign_keys=ON; PRAGMA synchronous=OFF");
  return *app_;
}

void Node::create_database() {
  set_sqlite_clock(&clock_);
  { Database::open(database_, OpenMode::kCreate).exec(application_schema()); }
}

void Node::init(const Path& share) {
  set_sqlite_clock(&clock_);
  InitOptions options;
  options.database = database_;
  options.share = share;
  options.user = name_;
  options.node = name_;
  options.entries_per_folder = entries_per_folder(world_.options());
  const SetupResult result = init_dataset(environment_, options);
  keep_little();
  if (result.sync.error) throw Violation("init: " + std::string(result.sync.error->what()));
}

void Node::join() {
  const std::string trouble = try_join();
  if (!trouble.empty()) throw Violation("join: " + trouble);
}

std::string Node::try_join() {
  set_sqlite_clock(&clock_);
  JoinOptions options;
  options.database = database_;
  options.share = kShare;
  options.user = name_;
  options.node = name_;
  try {
    const SetupResult result = join_dataset(environment_, options);
    keep_little();
    open_app();
    return result.sync.error ? result.sync.error->what() : "";
  } catch (const Error& error) {
    return error.what();
  }
}

// So little that all there is to retention happens within a run.
void Node::keep_little() {
  if (!world_.options().faults.retention) return;
  const Path file = LocalPaths(database_).config;
  Config config = read_config(disk_, file);
  config.retention = {kDayMinutes, 5, kDayMinutes, 4, kDayMinutes / 4};
  write_config(disk_, file, config);
}

TokenRows Node::hidden_rows() {
  if (!world_.options().faults.upgrade) return {};
  TokenRows hidden;
  bool is_whole = false;
  try {
    hidden = hidden_in_base(is_whole);
  } catch (const Error&) {
    // Lost or damaged.
  }
  if (is_whole) remembered_hidden_ = hidden;
  for (const auto& [place, row] : remembered_hidden_)
    hidden[place].tokens.insert(row.tokens.begin(), row.tokens.end());
  // What was hidden when it was remembered may have been filled in since.
  for (const std::string& token : tokens()) {
    for (auto& [place, row] : hidden) row.tokens.erase(token);
  }
  forget_former_owners(hidden);
  return hidden;
}

// The base copy's row is of a record that was deleted here; another one has its number now.
void Node::forget_former_owners(TokenRows& hidden) {
  const Ledger& ledger = world_.ledger();
  for (const auto& [place, row] : rows_of(app())) {
    const auto found = hidden.find(place);
    if (found == hidden.end()) continue;
    const auto owner = ledger.record_of(row);
    const auto former = ledger.record_of(found->second);
    if (owner && former && *owner != *former) hidden.erase(found);
  }
}

// `is_whole`: it has all that the database was merged with.
TokenRows Node::hidden_in_base(bool& is_whole) {
  if (!boost::filesystem::exists(base_file())) return {};
  Database base = Database::open(base_file(), OpenMode::kReadOnly);
  // An application that has its new columns since just now sees nothing in them before the next
  // sync; so what counts is what it does not have, whatever its version.
  const std::set<std::string> here = tokens_of(app());
  const TokenRows first_columns = rows_of(base, 0);
  TokenRows hidden;
  for (const auto& [place, row] : rows_of(base)) {
    const auto seen = first_columns.find(place);
    if (seen == first_columns.end()) continue;
    for (const std::string& token : row.tokens) {
      if (seen->second.tokens.count(token) == 0 && here.count(token) == 0)
        hidden[place].tokens.insert(token);
    }
  }
  is_whole = base.get_text("SELECT v FROM tidesync_state WHERE k = 'hash'") ==
             app().get_text("SELECT v FROM tidesync_meta WHERE k = 'cursor_hash'");
  return hidden;
}

std::set<std::string> Node::tokens() {
  return tokens_of(app());
}

void Node::run_sync() {
  try {
    SyncOptions options;
    options.steps = this;
    options.accept_hole = std::exchange(accepts_hole_, false);
    last_result_ = sync_now(environment_, database_, options);
  } catch (const test::SimulatedCrash&) {
    ++world_.stats().crashes;
    last_result_ = {};
  } catch (const Error& error) {
    // Before a run starts it may refuse: that is told by the result, as of a run that failed.
    last_result_ = {};
    last_result_.status = RunStatus::kError;
    last_result_.error = error;
  } catch (const std::exception& error) {
    failure_ = error.what();
  }
}

void Node::step() {
  if (!task_) {
    ++world_.stats().syncs;
    is_dead_ = false;
    if (storm_ > 0) --storm_;
    hidden_rows();  // remembers them: this run may throw its base copy away
    task_ = std::make_unique<Task>([this] { run_sync(); });
  }
  set_sqlite_clock(&clock_);
  task_->resume();
  collect();
}

void Node::collect() {
  if (!task_->is_finished()) return;
  task_.reset();
  if (!failure_.empty()) throw Violation(name_ + ": sync threw " + failure_);
  if (last_result_.error) {
    ++world_.stats().errors;
    world_.trace(name_, "error " + std::string(to_string(last_result_.error->code())));
    const ErrorCode code = last_result_.error->code();
    const bool is_defect = code == ErrorCode::kSql || code == ErrorCode::kSchema ||
                           code == ErrorCode::kInternal || code == ErrorCode::kNotADatabase;
    if (is_defect) throw Violation(name_ + ": " + last_result_.error->what());
  }
}

// Crashes come in rows: a computer that does not start, a person who tries again.
void Node::brew_storm() {
  if (!world_.options().faults.storm || !world_.faults_are_on() || storm_ > 0) return;
  if (world_.chance(3)) storm_ = 2 + static_cast<int>(world_.random().below(4));
}

void Node::crash() {
  if (!task_) return;
  is_dead_ = true;
  brew_storm();
  set_sqlite_clock(&clock_);
  task_->resume();
  task_.reset();
}

SyncResult Node::sync_to_end() {
  if (!task_) step();
  while (task_) step();
  return last_result_;
}

void Node::point(const std::string& what, std::uint64_t pause_one_in) {
  if (!task_) return;  // setting up
  if (is_dead_) throw test::SimulatedCrash();
  world_.trace(name_, what);
  if (!world_.faults_are_on()) return;
  const std::uint64_t crash_one_in = storm_ > 0 ? kStormOneIn : world_.rates().crash_one_in;
  if (world_.options().faults.crash && world_.chance(crash_one_in)) {
    is_dead_ = true;
    brew_storm();
    world_.trace(name_, "CRASH");
    throw test::SimulatedCrash();
  }
  if (!world_.chance(pause_one_in)) return;
  task_->pause();
  if (is_dead_) throw test::SimulatedCrash();
}

void Node::reached(Step step, std::uint64_t, std::uint64_t) {
  point(std::string("step ") + name_of(step), world_.rates().step_pause_one_in);
}

// What a run does with a snapshot shows in the files that it makes here, also when it crashes
// later.
void Node::note_snapshot_use(const FsCall& call) {
  const std::string name = to_utf8(call.path.filename());
  if (call.op == FsOp::kCreateNew && name == "leap") ++world_.stats().leaps;
  if (call.op == FsOp::kRemove && name.ends_with(".before-merge")) ++world_.stats().adoptions;
}

FaultAction Node::on_local_call(const FsCall& call) {
  note_snapshot_use(call);
  // Destructors tidy up behind a dead process; a dead process does not.
  if (call.op == FsOp::kRemove) {
    return is_dead_ ? FaultAction::lose_and_say_done() : FaultAction::pass();
  }
  point("local " + std::string(test::to_string(call.op)), world_.rates().pause_one_in * 2);
  return FaultAction::pass();
}

FaultAction Node::on_share_call(const FsCall& call) {
  if (call.op == FsOp::kRemove && is_dead_ && task_) return FaultAction::lose_and_say_done();
  point(std::string(test::to_string(call.op)) + " " + to_utf8(call.path),
        world_.rates().pause_one_in);
  if (!world_.faults_are_on() || !task_) return FaultAction::pass();
  const FaultAction action = choose_fault(call);
  if (action.kind != FaultAction::Kind::kPass) {
    ++world_.stats().faults;
    world_.trace(name_, "FAULT " + std::to_string(static_cast<int>(action.kind)));
  }
  return action;
}

FaultAction Node::choose_fault(const FsCall& call) {
  const auto& faults = world_.options().faults;
  Random& random = world_.random();
  if (call.op == FsOp::kLink && faults.net) {
    const FaultAction action = choose_link_fault(call);
    if (action.kind != FaultAction::Kind::kPass) return action;
  }
  if (faults.stale && random.below(1000) < world_.rates().stale_per_mille) {
    if (call.op == FsOp::kList)
      return random.below(8) ? FaultAction::say_older() : FaultAction::say_absent();
    if (call.op == FsOp::kOpenRead || call.op == FsOp::kStat) return FaultAction::say_absent();
  }
  if (!world_.chance(world_.rates().fault_one_in)) return FaultAction::pass();
  switch (random.below(6)) {
    case 0:
      if (faults.net) return FaultAction::fail_before(ErrorCode::kShareUnreachable);
      break;
    case 1:
      if (faults.net) return FaultAction::fail_after();
      break;
    case 2:
      if (faults.net && call.op == FsOp::kRemove) return FaultAction::lose_and_say_done();
      if (faults.net && call.op == FsOp::kWrite) return FaultAction::fail_halfway();
      break;
    case 3:
      if (faults.errors && (call.op == FsOp::kWrite || call.op == FsOp::kSync ||
                            call.op == FsOp::kClose || call.op == FsOp::kCreateNew))
        return FaultAction::fail_before(ErrorCode::kDiskFull);
      break;
    case 4:
      if (faults.errors) return FaultAction::fail_before(ErrorCode::kNoPermission);
      break;
    default:
      if (faults.errors) return FaultAction::fail_before(ErrorCode::kIo);
      break;
  }
  return FaultAction::pass();
}

FaultAction Node::choose_link_fault(const FsCall& call) {
  const std::uint64_t draw = world_.random().below(1000);
  const std::uint64_t rate = world_.rates().link_faults_per_mille;
  if (draw >= rate) return FaultAction::pass();
  switch (world_.random().below(6)) {
    case 0:
      return FaultAction::answer(NameOutcome::kUnknown);  // request lost
    case 1:
      return FaultAction::answer(NameOutcome::kCreated);  // lost, and the answer is wrong
    case 2:
    case 3:
      ++world_.stats().late_links;
      world_.delay_link(call.path, call.second_path);
      return FaultAction::answer(NameOutcome::kUnknown);
    default:
      return FaultAction::fail_after();  // reply lost
  }
}

}  // namespace tidesync::sim
