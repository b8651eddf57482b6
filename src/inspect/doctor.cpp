#include "inspect/doctor.h"

#include <algorithm>

#include "inspect/doctor_parts.h"

namespace tidesync {

std::string_view to_string(CheckVerdict verdict) {
  switch (verdict) {
    case CheckVerdict::kOk:
      return "ok";
    case CheckVerdict::kWarning:
      return "warning";
    case CheckVerdict::kProblem:
      return "problem";
  }
  return "";
}

std::uint64_t DoctorReport::count(CheckVerdict verdict) const {
  return static_cast<std::uint64_t>(std::count_if(
      checks.begin(), checks.end(), [&](const Check& check) { return check.verdict == verdict; }));
}

DatabaseHeader parse_database_header(std::string_view bytes) {
  constexpr std::size_t kHeaderBytes = 100;
  constexpr std::size_t kReadVersion = 19;
  constexpr std::size_t kWrittenBy = 96;
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  DatabaseHeader header;
  if (bytes.size() < kHeaderBytes || bytes.substr(0, kMagic.size()) != kMagic) return header;
  header.is_database = true;
  header.write_ahead_log = bytes[kReadVersion] == 2;
  for (std::size_t i = 0; i < 4; ++i)
    header.written_by = header.written_by << 8 | static_cast<unsigned char>(bytes[kWrittenBy + i]);
  return header;
}

bool has_wal_reset_bug(std::uint32_t version) {
  return version >= 3007000 && version <= 3051002;
}

DoctorReport examine(Environment& env, const Path& database, const DoctorOptions& options) {
  Examination it(env, database, options);
  examine_database(it);
  examine_node(it);
  examine_tables(it);
  it.lock.reset();  // what follows may take its time, and a sync need not wait for it
  if (it.config) {
    examine_place_of_share(it);
    examine_share(it);
  }
  if (it.dataset) {
    examine_log(it);
    examine_copies(it);
  }
  return it.report;
}

}  // namespace tidesync
