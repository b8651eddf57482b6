// What --json prints, one function per kind of answer. The names are a promise to scripts: keys are
// added, never renamed.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "inspect/status.h"
#include "sync/result.h"
#include "sync/setup.h"

namespace tidesync {

using Json = nlohmann::ordered_json;

// {"code","message","hint"}
Json to_json(const Error& error);
// {"error":{...}}: what is printed when there is nothing else to print.
Json error_object(const Error& error);
Json to_json(const SyncResult& result);
Json to_json(const SetupResult& result);
Json to_json(const RunRecord& run);
Json to_json(const StatusReport& report);
Json to_json(const RowDiff& row);

}  // namespace tidesync
