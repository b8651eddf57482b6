// Every place where bytes of a share (and the configuration) are taken in, as a function of these
// bytes. A target ends in silence for any bytes: what is refused is refused by an Error of the kind
// that is documented there; anything else ends the process.
//
// fuzz_main.cpp makes a libFuzzer program of each (scripts/fuzz.sh), corpus_test.cpp runs each on
// the files of corpus/<name>/.
#pragma once

#include <string_view>

namespace tidesync::test {

void fuzz_batch(std::string_view bytes);          // a batch file as it is
void fuzz_sealed_batch(std::string_view bytes);   // its trailer made to fit: the rules behind it
void fuzz_format(std::string_view bytes);         // format.json
void fuzz_notes(std::string_view bytes);          // nodes/<node>.json, master.json
void fuzz_archive_notes(std::string_view bytes);  // notes of snapshots, floor.json
void fuzz_schema(std::string_view bytes);         // the schema section of a batch
void fuzz_policies(std::string_view bytes);       // the share's merge policies
void fuzz_row_json(std::string_view bytes);       // rows in sync_conflicts
void fuzz_values(std::string_view bytes);         // encoded rows
void fuzz_config(std::string_view bytes);         // config.toml

struct FuzzTarget {
  const char* name;  // of its folder in corpus/
  void (*run)(std::string_view);
};
inline constexpr FuzzTarget kFuzzTargets[] = {
    {"batch", fuzz_batch},       {"sealed_batch", fuzz_sealed_batch},   {"format", fuzz_format},
    {"notes", fuzz_notes},       {"archive_notes", fuzz_archive_notes}, {"schema", fuzz_schema},
    {"policies", fuzz_policies}, {"row_json", fuzz_row_json},           {"values", fuzz_values},
    {"config", fuzz_config},
};

}  // namespace tidesync::test
