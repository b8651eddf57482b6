// What a batch holds, beyond its form as a file, and the configuration.
#include "base/value.h"
#include "fuzz/expect.h"
#include "fuzz/targets.h"
#include "replica/conflict_row.h"
#include "replica/policies.h"
#include "replica/schema_change.h"
#include "support/one_file.h"
#include "sync/config.h"

namespace tidesync::test {

void fuzz_schema(std::string_view bytes) {
  done_or_refused({ErrorCode::kDamaged}, [&] {
    if (is_schema_change(bytes)) {
      const SchemaChange change = parse_schema_change(bytes);
      change.altered();
      demand(to_json(parse_schema_change(to_json(change))) == to_json(change), "the same again");
    } else {
      const ShareSchema schema = parse_share_schema(bytes);
      demand(to_json(parse_share_schema(to_json(schema))) == to_json(schema), "the same again");
    }
  });
}

void fuzz_policies(std::string_view bytes) {
  done_or_refused({ErrorCode::kDamaged, ErrorCode::kTooNew}, [&] {
    const std::string text = to_json(parse_policies(bytes));
    demand(to_json(parse_policies(text)) == text, "the same again");
  });
}

void fuzz_row_json(std::string_view bytes) {
  done_or_refused({ErrorCode::kDamaged}, [&] { typed_key(parse_row_json(bytes)); });
}

void fuzz_values(std::string_view bytes) {
  done_or_refused({ErrorCode::kDamaged}, [&] {
    std::string again;
    for (const ValueView& value : decode_image(bytes)) {
      append_value(again, value);
      display(value, 20);
    }
    demand(again == bytes, "the same bytes again");
    demand(split_image(bytes).size() == decode_image(bytes).size(), "as many values");
  });
}

void fuzz_config(std::string_view bytes) {
  OneFile fs;
  fs.content = bytes;
  done_or_refused({ErrorCode::kUsage, ErrorCode::kDamaged},
                  [&] { read_config(fs, "config.toml"); });
}

}  // namespace tidesync::test
