// What happens to a share that is older than a day: the log is shortened, a computer comes back
// after it was, the share is lost and made again, a batch is lost. Log folders of ten entries.
#include <boost/filesystem/operations.hpp>
#include <ctime>
#include <fstream>
#include <regex>

#include "crash/crash_scenarios.h"

namespace tidesync::test {
namespace {

namespace fs = boost::filesystem;

constexpr std::time_t kDayS = 24 * 3600;

std::string text_of(const Path& file) {
  std::ifstream stream(file.string(), std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void write(const Path& file, const std::string& text) {
  std::ofstream(file.string(), std::ios::binary | std::ios::trunc) << text;
}

void replace_in(const Path& file, const std::string& pattern, const std::string& by) {
  const std::string before = text_of(file);
  const std::string after = std::regex_replace(before, std::regex(pattern), by);
  ASSERT_NE(before, after) << pattern << " is not in " << before;
  write(file, after);
}

// Ben joins when anna has set up the share.
void start_with_small_folders(CrashFleet& fleet, const std::string& tables) {
  fleet.make("anna", tables);
  ASSERT_EQ(fleet.init("anna").exit_code, 0);
  replace_in(fleet.share() / "format.json", "\"entries_per_folder\": *1000",
             "\"entries_per_folder\":10");
  ASSERT_EQ(fleet.join("ben").exit_code, 0);
  fleet.configure("ben", "maintenance", "\"3650d\"");
}

// In every run: a snapshot where four batches are new, the floor as high as it may be.
void look_after_the_share(CrashFleet& fleet, const std::string& name) {
  for (const auto& [key, value] :
       {std::pair("keep_log", "\"0d\""), std::pair("keep_entries", "0"),
        std::pair("snapshot_every", "\"0d\""), std::pair("snapshot_entries", "4"),
        std::pair("maintenance", "\"0d\"")})
    fleet.configure(name, key, value);
}

// So many batches of anna, which ben takes in, or does not.
void edit_many_times(CrashFleet& fleet, int count, bool with_ben) {
  for (int i = 1; i <= count; ++i) {
    sql(fleet.db("anna"), "UPDATE customer SET city = '" + std::to_string(i) + "' WHERE id = 3");
    fleet.now_ok("anna");
    if (with_ben) fleet.now_ok("ben");
  }
}

// As if it had been raised an hour ago.
void make_floor_older(CrashFleet& fleet) {
  replace_in(fleet.share() / "floor.json", "\"made_at\": *\"[^\"]*\"",
             "\"made_at\":\"2026-01-01T00:00:00.000Z\"");
}

// Ben has edits, was away, and nobody waited for him.
void prepare_leap(CrashFleet& fleet, const std::string& tables, const std::string& annas_work,
                  const std::string& bens_work) {
  start_with_small_folders(fleet, tables);
  sql(fleet.db("ben"), bens_work);
  fs::remove(fleet.share() / "nodes" / "ben.json");
  look_after_the_share(fleet, "anna");
  sql(fleet.db("anna"), annas_work);
  edit_many_times(fleet, 24, false);
  make_floor_older(fleet);
  fleet.now_ok("anna");
  ASSERT_FALSE(fs::exists(fleet.share() / "log" / "0000000"));
  fleet.configure("anna", "maintenance", "\"3650d\"");
}

// All that there can be to do in one run: a snapshot is due, one is too many, the floor may rise, a
// folder below the old floor goes, and there are leftovers of each kind.
void prepare_maintenance(CrashFleet& fleet, const std::string& tables,
                         const std::string& bens_work) {
  start_with_small_folders(fleet, tables);
  look_after_the_share(fleet, "anna");
  edit_many_times(fleet, 16, true);
  const Path floor = fleet.share() / "floor.json";
  const Path snapshots = fleet.share() / "snap";
  const std::string low_floor = text_of(floor);
  std::map<std::string, std::string> older;
  for (const auto& entry : fs::directory_iterator(snapshots))
    older[entry.path().filename().string()] = text_of(entry.path());
  edit_many_times(fleet, 12, true);
  fleet.configure("anna", "maintenance", "\"3650d\"");
  ASSERT_NE(text_of(floor), low_floor);
  for (const auto& [name, text] : older) write(snapshots / name, text);
  write(floor, low_floor);
  make_floor_older(fleet);

  const Path retired = fleet.share() / "quarantine" / "gc-0000000-20200101-abcd";
  fs::create_directories(retired);
  write(retired / "00000001", "an entry");
  write(retired / "00000002", "an entry");
  const Path staged = fleet.share() / "tmp" / "ben-0123456789abcdef";
  write(staged, "left by a crash");
  const Path unfinished = snapshots / "00000003-1f0c3a55-9b21.db";
  write(unfinished, "without its note");
  for (const Path& old : {staged, unfinished})
    fs::last_write_time(old, std::time(nullptr) - 30 * kDayS);
  sql(fleet.db("ben"), bens_work);
  look_after_the_share(fleet, "ben");
}

// Both have taken in the same; anna's newest edits and ben's are not sent when the share is lost.
void prepare_lost_share(CrashFleet& fleet, const std::string& tables, const std::string& annas_work,
                        const std::string& bens_work) {
  start_with_small_folders(fleet, tables);
  edit_many_times(fleet, 3, true);
  sql(fleet.db("anna"), annas_work);
  sql(fleet.db("ben"), bens_work);
  for (const auto& entry : fs::directory_iterator(fleet.share())) fs::remove_all(entry.path());
}

// The share loses a batch of anna, who has no copy of it; ben has taken it in, or is behind it.
void prepare_hole(CrashFleet& fleet, const std::string& tables, const std::string& annas_work,
                  const std::string& bens_work, bool ben_has_it) {
  start_with_small_folders(fleet, tables);
  sql(fleet.db("anna"), annas_work);
  edit_many_times(fleet, 3, ben_has_it);
  const auto entries = fleet.entries();
  fs::remove(entries.at(entries.size() - 2));
  fs::remove_all(fleet.side("anna") / "spool");
  fs::remove_all(fleet.side("ben") / "spool");
  sql(fleet.db("ben"), bens_work);
}

}  // namespace

std::vector<Scenario> old_share_scenarios(const std::string& tables, const std::string& annas_work,
                                          const std::string& bens_work,
                                          const std::vector<Fact>& annas_facts,
                                          const std::vector<Fact>& bens_facts) {
  const auto facts = [&](const char* last_city, bool annas, bool bens) {
    std::vector<Fact> all{{"SELECT city FROM customer WHERE id = 3", last_city}};
    if (annas) all.insert(all.end(), annas_facts.begin(), annas_facts.end());
    if (bens) all.insert(all.end(), bens_facts.begin(), bens_facts.end());
    all.push_back({"SELECT count(*) FROM customer", std::to_string(3 + annas + bens)});
    all.push_back({"SELECT count(*) FROM quote", "3"});
    return all;
  };
  Scenario leap{"leap",
                [=](CrashFleet& fleet) { prepare_leap(fleet, tables, annas_work, bens_work); },
                "now", facts("24", true, true)};
  Scenario maintenance{"maintenance",
                       [=](CrashFleet& fleet) { prepare_maintenance(fleet, tables, bens_work); },
                       "now", facts("12", false, true)};
  Scenario from_base{
      "from_base",
      [=](CrashFleet& fleet) { prepare_lost_share(fleet, tables, annas_work, bens_work); },
      "init --from-base", facts("3", true, true)};
  from_base.anna_may_wait = true;
  Scenario hole{
      "hole", [=](CrashFleet& fleet) { prepare_hole(fleet, tables, annas_work, bens_work, false); },
      "now --accept-hole", facts("3", true, true)};
  Scenario bridge{
      "bridge",
      [=](CrashFleet& fleet) { prepare_hole(fleet, tables, annas_work, bens_work, true); },
      "now --accept-hole", facts("3", true, true)};
  std::vector<Scenario> all{leap, maintenance, from_base, hole, bridge};
  for (Scenario& scenario : all) scenario.newcomer = true;
  return all;
}

}  // namespace tidesync::test
