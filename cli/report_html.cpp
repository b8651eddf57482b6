#include "cli/report_html.h"

#include "base/text.h"
#include "cli/printer.h"
#include "cli/report_parts.h"

namespace tidesync {
namespace {

constexpr const char* kHead =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<meta name=\"referrer\" content=\"no-referrer\">\n";

// What failed is hatched in the charts, so that it is told without colour.
constexpr const char* kPattern =
    "<svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\" "
    "focusable=\"false\"><pattern id=\"failed\" width=\"5\" height=\"5\" "
    "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect class=\"bad-ground\" "
    "width=\"5\" height=\"5\"/><path class=\"bad-line\" d=\"M0 0v5\"/></pattern></svg>\n";

bool is_number(ReportKind kind) {
  return kind == ReportKind::kCount || kind == ReportKind::kDuration || kind == ReportKind::kSize;
}

const char* class_of(ReportKind kind) {
  if (is_number(kind)) return " class=\"n\"";
  return kind == ReportKind::kTime || kind == ReportKind::kDay ? " class=\"t\"" : "";
}

std::string head_row(const ReportTable& table) {
  std::string html = "<thead><tr>";
  for (const ReportColumn& column : table.columns) {
    html += "<th scope=\"col\"" + std::string(class_of(column.kind)) + ">" +
            html_escape(column.title) + "</th>";
  }
  return html + "</tr></thead>\n";
}

std::string body_cell(const ReportColumn& column, const std::string& text, bool is_first) {
  const std::string shown = html_escape(text);
  if (is_first)
    return "<th scope=\"row\"" + std::string(class_of(column.kind)) + ">" + shown + "</th>";
  return "<td" + std::string(class_of(column.kind)) + " data-label=\"" + html_escape(column.title) +
         "\">" + shown + "</td>";
}

std::string tile(const std::string& name, const std::string& value, const std::string& more) {
  return "<div><dt>" + html_escape(name) + "</dt><dd>" + html_escape(value) + "<small>" +
         html_escape(more) + "</small></dd></div>\n";
}

// 99.7 % must not read as 100 %.
std::string share_of(std::uint64_t part, std::uint64_t all) {
  if (all == 0) return "none";
  const std::uint64_t tenths = part * 1000 / all;
  const std::string whole = std::to_string(tenths / 10);
  return tenths % 10 == 0 ? whole + " %" : whole + "." + std::to_string(tenths % 10) + " %";
}

std::string tiles(const Report& report) {
  const ReportTotals& totals = report.totals;
  std::uint64_t resolved = 0;
  for (const ReportConflictGroup& group : report.conflict_groups) resolved += group.resolved;
  const std::string median =
      totals.median_ms ? display_duration(*totals.median_ms) : std::string("none");
  const std::string p95 = totals.p95_ms ? "95 of 100 within " + display_duration(*totals.p95_ms)
                                        : std::string("no run got through");
  return "<dl class=\"tiles\">\n" +
         tile("Runs", with_thousands(totals.runs),
              "of " + count_of(report.nodes.size(), "computer", "computers")) +
         tile("Succeeded", share_of(totals.success, totals.runs),
              with_thousands(totals.partial) + " more in part") +
         tile("Failed", with_thousands(totals.error),
              share_of(totals.error, totals.runs) + " of all") +
         tile("Half took less than", median, p95) +
         tile("Rows published", with_thousands(totals.rows_out),
              with_thousands(totals.rows_in) + " taken in") +
         tile("Open conflicts", with_thousands(report.open_conflicts_matching),
              with_thousands(resolved) + " resolved") +
         "</dl>\n";
}

std::string period_text(const ReportPage& page) {
  const ReportOptions& options = page.report.options;
  return page.times.time(iso_utc(options.since_ms)) + " to " +
         page.times.time(iso_utc(options.until_ms)) + " " + page.times.zone(options.until_ms);
}

std::string source_text(const ReportPage& page) {
  const Report& report = page.report;
  std::string html = "<p class=\"soft\">Read from <code>" + html_escape(report.source) + "</code>";
  if (!report.options.node.empty())
    html += ", only the computer <strong>" + html_escape(report.options.node) + "</strong>";
  html += ".</p>\n";
  if (!report.share_problem.empty()) {
    html += "<p class=\"note\"><strong>The share could not be reached:</strong> " +
            html_escape(report.share_problem) +
            ". What follows is what this computer knows; versions and clocks are not known.</p>\n";
  }
  if (report.from_master) {
    html +=
        "<p class=\"soft\">A master file alone: versions, clocks and rows that wait are not known. "
        "Runs are in it once their computer has published them.</p>\n";
  }
  return html;
}

std::string glance(const ReportPage& page) {
  return "<section aria-labelledby=\"glance\"><h2 id=\"glance\">At a glance</h2>\n<p "
         "class=\"lead\">" +
         html_escape(report_headline(page.report)) + "</p>\n" + tiles(page.report) + "</section>\n";
}

std::string legend_item(const std::string& mark, const std::string& text) {
  return "<li><svg width=\"22\" height=\"12\" aria-hidden=\"true\" focusable=\"false\">" + mark +
         "</svg>" + text + "</li>";
}
std::string box(const char* css) {
  return "<rect class=\"" + std::string(css) + "\" width=\"22\" height=\"12\" rx=\"2\"/>";
}
std::string dash(const char* css) {
  return "<g class=\"" + std::string(css) +
         "\"><line x1=\"1\" x2=\"21\" y1=\"6\" y2=\"6\"/><circle cx=\"11\" cy=\"6\" "
         "r=\"2.5\"/></g>";
}
std::string legend(const std::string& items) {
  return "<ul class=\"legend\">" + items + "</ul>\n";
}

std::string per_step(const Report& report) {
  return report.step == ReportStep::kDay    ? "per day"
         : report.step == ReportStep::kWeek ? "per week, from Monday"
                                            : "per month";
}

std::string runs_section(const ReportPage& page) {
  const ReportTable& table = table_of(page.tables, "runs_per_day");
  std::string content = "<p class=\"soft\">No run in this period.</p>\n";
  if (!page.report.days.empty()) {
    content = "<figure>" +
              legend(legend_item(box("ok"), "succeeded") + legend_item(box("part"), "in part") +
                     legend_item(box("bad"), "failed")) +
              runs_chart(page) + "</figure>\n" +
              html_details("The numbers", html_table(table, page.times));
  }
  return html_section("runs", "Runs " + per_step(page.report), content);
}

std::string volume_section(const ReportPage& page) {
  const ReportTable& table = table_of(page.tables, "durations_per_day");
  std::string content = "<p class=\"soft\">No run in this period.</p>\n";
  if (!page.report.durations.empty()) {
    content = "<div class=\"two\"><figure><h3>How long runs took</h3>" +
              legend(legend_item(dash("median"), "half took no longer") +
                     legend_item(dash("p95"), "95 of 100 took no longer")) +
              durations_chart(page) + "</figure>\n<figure><h3>Rows</h3>" +
              legend(legend_item(box("in"), "taken in") + legend_item(box("out"), "published")) +
              rows_chart(page) + "</figure></div>\n" +
              html_details("The numbers", html_scroll(table.title, html_table(table, page.times)));
  }
  return html_section("durations", "Durations and rows " + per_step(page.report), content);
}

std::string slowest_section(const ReportPage& page) {
  const ReportTable& table = table_of(page.tables, "slowest_runs");
  return html_section("slowest", "Slowest runs",
                      table.rows.empty() ? "<p class=\"soft\">No run in this period.</p>\n"
                                         : html_table(table, page.times, "cards"));
}

std::string sizes_section(const ReportPage& page) {
  const ReportTable& table = table_of(page.tables, "sizes");
  std::string rows;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const std::string text = cell_text(table.rows[0][i], table.columns[i].kind, page.times);
    rows += "<tr><th scope=\"row\">" + html_escape(table.columns[i].title) +
            "</th><td class=\"n\">" + html_escape(text.empty() ? "none" : text) + "</td></tr>\n";
  }
  return html_section(
      "sizes", "Sizes",
      "<table><caption class=\"quiet\">Sizes</caption><tbody>" + rows + "</tbody></table>\n");
}

std::string footer() {
  return "<footer><p>Made by tidesync report. The same figures for programs and spreadsheets: "
         "<code>tidesync report --json</code>, <code>--csv FOLDER</code>. Runs that fail alike, "
         "one "
         "after another, are counted on the day of the first.</p></footer>\n";
}

}  // namespace

std::string html_escape(std::string_view text) {
  std::string html;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

std::string html_table(const ReportTable& table, const ReportTimes& times,
                       const std::string& css_class) {
  std::string html = "<table" + (css_class.empty() ? "" : " class=\"" + css_class + "\"") +
                     "><caption class=\"quiet\">" + html_escape(table.title) + "</caption>" +
                     head_row(table) + "<tbody>\n";
  for (const auto& row : table.rows) {
    html += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const ReportColumn& column = table.columns[i];
      html += body_cell(column, cell_text(row[i], column.kind, times), i == 0);
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table>\n";
}

std::string html_details(const std::string& summary, const std::string& content) {
  return "<details><summary>" + html_escape(summary) + "</summary>\n" + content + "</details>\n";
}

std::string html_scroll(const std::string& name, const std::string& content) {
  return "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" + html_escape(name) +
         "\">" + content + "</div>\n";
}

std::string html_section(const std::string& id, const std::string& title,
                         const std::string& content) {
  return "<section aria-labelledby=\"" + id + "-h\"><h2 id=\"" + id + "-h\">" + html_escape(title) +
         "</h2>\n" + content + "</section>\n";
}

std::string report_html(const Report& report) {
  const ReportPage page{report, report_tables(report), {report.options.utc}};
  return std::string(kHead) + "<title>tidesync report, " + html_escape(period_text(page)) +
         "</title>\n<style>" + kReportStyle + "</style>\n</head>\n<body>\n" + kPattern +
         "<header><h1>Sync report</h1>\n<p>" + html_escape(period_text(page)) + "</p>\n" +
         source_text(page) + "</header>\n<main>\n" + glance(page) + nodes_section(page) +
         runs_section(page) + volume_section(page) + conflicts_section(page) +
         causes_section(page) + slowest_section(page) + sizes_section(page) + "</main>\n" +
         footer() + "</body>\n</html>\n";
}

}  // namespace tidesync
