#include "options.h"

#include <boost/filesystem/operations.hpp>
#include <sstream>
#include <stdexcept>

namespace tidesync::bench {
namespace {

std::uint64_t rows_of(const std::string& word) {
  if (word == "S") return 10000;
  if (word == "M") return 100000;
  if (word == "L") return 1000000;
  return std::stoull(word);
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> words;
  std::istringstream in(list);
  for (std::string word; std::getline(in, word, ',');) words.push_back(word);
  return words;
}

std::vector<std::uint64_t> numbers(const std::string& list) {
  std::vector<std::uint64_t> numbers;
  for (const std::string& word : split(list)) numbers.push_back(rows_of(word));
  return numbers;
}

bool take_flag(Options& options, const std::string& word) {
  if (word == "--no-delays")
    options.delays = false;
  else if (word == "--steps")
    options.steps = true;
  else if (word == "--only-ours")
    options.only_ours = true;
  else if (word == "--only-uniform")
    options.clustered = false;
  else
    return false;
  return true;
}

void take_value(Options& options, const std::string& word, const std::string& value) {
  if (word == "--sizes")
    options.sizes = numbers(value);
  else if (word == "--edits")
    options.counts = numbers(value);
  else if (word == "--nodes")
    options.nodes = numbers(value);
  else if (word == "--suites")
    options.suites = split(value);
  else if (word == "--repetitions")
    options.repetitions = std::stoi(value);
  else if (word == "--folder")
    options.folder = boost::filesystem::absolute(from_utf8(value));  // as SQLite names files
  else if (word == "--disk")
    options.disk = from_utf8(value);
  else
    throw std::runtime_error("unknown option " + word);
}

}  // namespace

Options parse_options(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (take_flag(options, word)) continue;
    if (i + 1 == count) throw std::runtime_error("what is " + word + "?");
    take_value(options, word, words[++i]);
  }
  if (options.folder.empty()) throw std::runtime_error("--folder is missing");
  return options;
}

std::string usage() {
  return R"(usage: tidesync_bench --folder FOLDER [options]

  --folder FOLDER     where the data lies meanwhile; what is there is removed. Needs 4 GB for L
  --sizes S,M,L       rows: 10,000, 100,000, 1,000,000, or numbers
  --edits 100,1000    on each side; those over a quarter of the rows are left out
  --nodes 5,50,500    of fleets
  --disk FOLDER       a folder on a disk, for what small transactions of the application cost there
  --suites A,B        of two-way, idle, capture, whole, fleet; all when none is named
  --repetitions 3     the median is told
  --no-delays         not with a slow share
  --only-uniform      not with clustered edits
  --only-ours         without the contenders but for the floor
  --steps             where the time of a sync of tidesync goes
)";
}

}  // namespace tidesync::bench
