// The lookout of `tidesync run`: a process of its own, because a look at a share whose server is
// gone may never return. Not for people, so it is hidden.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.h"
#include "sync/share_look.h"

namespace tidesync {
namespace {

constexpr std::int64_t kMostPauseMs = 30'000;

// A slow share is asked less often: looking takes a tenth of the time at most.
std::int64_t pause_ms(std::int64_t every_ms, std::int64_t took_ms) {
  return std::max(every_ms, std::min(took_ms * 10, kMostPauseMs));
}

// Ends when nobody reads any more, with the first line that cannot be written.
ExitCode run(Session& session, std::int64_t every_ms) {
  ShareLook look(session.env, session.database());
  Clock& clock = session.env.clock;
  std::ostream& out = session.printer.out();
  ShareLook::Sight last;
  for (bool first = true; out; first = false) {
    const std::int64_t began_ms = clock.monotonic_ms();
    const ShareLook::Sight sight = look.look();
    if (!first && sight == last) {
      out << ".\n";
    } else if (sight.here) {
      out << "here " << sight.newest.value << '\n';
    } else {
      out << "away\n";
    }
    out.flush();
    last = sight;
    clock.sleep_ms(pause_ms(every_ms, clock.monotonic_ms() - began_ms));
  }
  return ExitCode::kDone;
}

}  // namespace

void setup_look_out(CLI::App& app, Session& session) {
  const auto every_ms = std::make_shared<std::int64_t>(1500);
  CLI::App* command = add_command(
      app, session,
      {"look-out", "Watches the share for tidesync run", {ExitCode::kDone}, "tidesync run --watch"},
      [&session, every_ms] { return run(session, *every_ms); });
  command->add_option("--every-ms", *every_ms, "How often")->check(CLI::Range(100, 60'000));
  command->group("");
}

}  // namespace tidesync
