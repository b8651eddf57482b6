#include "sync/metrics.h"

#include <cstdio>

#include "base/text.h"

namespace tidesync {
namespace {

// A label's value: backslash, quote and line break are escaped, as the format has it.
std::string label(const std::string& text) {
  std::string out = "\"";
  for (const char c : printable(text)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string seconds(std::int64_t ms) {
  char text[32];
  std::snprintf(text, sizeof(text), "%lld.%03lld", static_cast<long long>(ms / 1000),
                static_cast<long long>(ms % 1000));
  return text;
}

class Page {
 public:
  explicit Page(const RunMetrics& metrics)
      : labels_("{database=" + label(metrics.database) + ",node=" + label(metrics.node) + "}") {}

  void gauge(const std::string& name, const std::string& help, const std::string& value) {
    text_ += "# HELP tidesync_" + name + " " + help + "\n# TYPE tidesync_" + name +
             " gauge\ntidesync_" + name + labels_ + " " + value + "\n";
  }
  void gauge(const std::string& name, const std::string& help, std::uint64_t value) {
    gauge(name, help, std::to_string(value));
  }
  const std::string& text() const { return text_; }

 private:
  std::string labels_;
  std::string text_;
};

}  // namespace

std::string metrics_text(const RunMetrics& metrics) {
  const SyncResult& run = *metrics.result;
  Page page(metrics);
  page.gauge("last_run_timestamp_seconds", "When the last sync ended.", seconds(metrics.ended_ms));
  if (metrics.last_success_ms)
    page.gauge("last_success_timestamp_seconds", "When the last sync that succeeded began.",
               seconds(*metrics.last_success_ms));
  page.gauge("last_run_success", "1 when the last sync succeeded.",
             std::uint64_t{run.status == RunStatus::kSuccess});
  page.gauge("last_run_offline", "1 when the last sync found no share.",
             std::uint64_t{run.status == RunStatus::kOffline});
  page.gauge("last_run_duration_seconds", "How long the last sync took.", seconds(run.duration_ms));
  page.gauge("last_run_rows_pulled", "Rows that came in.", run.pulled);
  page.gauge("last_run_rows_pushed", "Rows that went out.", run.pushed);
  page.gauge("last_run_conflicts", "Conflicts that were decided.", run.conflicts);
  page.gauge("failing_runs", "Syncs in a row that failed in the same way.", run.failing_runs);
  page.gauge("waiting_rows", "Changed rows that wait to be sent.", metrics.waiting_rows);
  page.gauge("open_conflicts", "Conflicts that nobody has settled.", metrics.open_conflicts);
  page.gauge("behind_batches", "Batches on the share that are not in this database.",
             metrics.behind);
  page.gauge("batch", "Newest batch in this database.", run.seq_after.value);
  return page.text();
}

}  // namespace tidesync
