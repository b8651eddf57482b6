#include "cli/interrupt.h"

#include <csignal>

namespace tidesync {
namespace {

volatile std::sig_atomic_t noted = 0;
volatile std::sig_atomic_t reload_noted = 0;

extern "C" void note_signal(int signal) {
  noted = 1;
  std::signal(signal, SIG_DFL);
}

#ifdef SIGHUP
extern "C" void note_reload(int signal) {
  reload_noted = 1;
  std::signal(signal, note_reload);
}
#endif

}  // namespace

void watch_for_interrupts() {
  std::signal(SIGINT, note_signal);
  std::signal(SIGTERM, note_signal);
}

bool interrupted() {
  return noted != 0;
}

void watch_for_reload() {
#ifdef SIGHUP
  std::signal(SIGHUP, note_reload);
#endif
}

bool take_reload() {
  const bool came = reload_noted != 0;
  reload_noted = 0;
  return came;
}

}  // namespace tidesync
