#include "sim/sqlite_clock.h"

#include <sqlite3.h>

namespace tidesync::sim {
namespace {

constexpr sqlite3_int64 kJulianDayOfEpochMs = 210866760000000;

Clock* current_clock = nullptr;
sqlite3_vfs* system_vfs = nullptr;

int current_time_ms(sqlite3_vfs* vfs, sqlite3_int64* julian_ms) {
  if (!current_clock) return system_vfs->xCurrentTimeInt64(vfs, julian_ms);
  *julian_ms = kJulianDayOfEpochMs + current_clock->now_ms();
  return SQLITE_OK;
}

int current_time_days(sqlite3_vfs* vfs, double* julian_days) {
  sqlite3_int64 julian_ms = 0;
  const int code = current_time_ms(vfs, &julian_ms);
  *julian_days = static_cast<double>(julian_ms) / 86400000.0;
  return code;
}

int sleep_us(sqlite3_vfs* vfs, int duration_us) {
  if (!current_clock) return system_vfs->xSleep(vfs, duration_us);
  current_clock->sleep_ms(duration_us / 1000);
  return duration_us;
}

// The system's own way to the disk, with another clock.
sqlite3_vfs make_vfs() {
  system_vfs = sqlite3_vfs_find(nullptr);
  sqlite3_vfs vfs = *system_vfs;
  vfs.zName = "simulated-clock";
  vfs.pNext = nullptr;
  vfs.xCurrentTime = current_time_days;
  vfs.xCurrentTimeInt64 = current_time_ms;
  vfs.xSleep = sleep_us;
  return vfs;
}

}  // namespace

void set_sqlite_clock(Clock* clock) {
  static sqlite3_vfs vfs = make_vfs();
  static const int registered = sqlite3_vfs_register(&vfs, 1);
  static_cast<void>(registered);
  current_clock = clock;
}

}  // namespace tidesync::sim
