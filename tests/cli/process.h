// The tidesync executable as a child process: started, waited for, killed. The one just built, or
// that in TIDESYNC_TEST_BINARY.
//
// Thread rule: one thread per object. The child is killed and reaped when the object goes.
#pragma once

#include <sys/types.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/file_system.h"

namespace tidesync::test {

struct Outcome {
  int exit_code = -1;  // 128 + signal when the child was killed
  std::string out;
  std::string err;

  // All of the standard output as one JSON value; a failure of the test and null when it is none.
  nlohmann::json json() const;
  // Output, error output and exit code, for the message of a failed expectation.
  std::string text() const;
};

struct ProcessOptions {
  Path working_folder;
  // A user without any right of its own, also when the tests run as root (-1: whoever runs us).
  int user_id = -1;
  // "NAME=value", besides those of whoever runs us.
  std::vector<std::string> environment;
};

class Process {
 public:
  // Starts it at once. Standard input is empty.
  explicit Process(const std::vector<std::string>& arguments, const ProcessOptions& options = {});
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  void send(int signal);
  // Whether it has ended within the time; at once with 0.
  bool ended_within_ms(std::int64_t limit_ms);
  // Waits for the end; kills it after a minute and fails the test.
  Outcome wait();

 private:
  pid_t pid_ = -1;
  int status_ = 0;
  bool reaped_ = false;
  int out_ = -1;  // descriptors of files without a name
  int err_ = -1;
};

// Runs tidesync to its end.
Outcome tidesync(const std::vector<std::string>& arguments, const ProcessOptions& options = {});

}  // namespace tidesync::test
