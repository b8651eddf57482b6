// Ctrl-C and a polite kill end a run at its next step. A second one ends the process at once, which
// is as safe as any crash.
#pragma once

namespace tidesync {

// From here on SIGINT and SIGTERM are noted. Commands that only read leave them alone.
void watch_for_interrupts();
bool interrupted();

// From here on SIGHUP, where the system has it, is noted: the configuration is to be read anew.
void watch_for_reload();
// Whether one came since the last call.
bool take_reload();

}  // namespace tidesync
