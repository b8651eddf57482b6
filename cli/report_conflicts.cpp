// Conflicts and errors on the page.
#include "base/text.h"
#include "cli/conflict_view.h"
#include "cli/conflict_words.h"
#include "cli/printer.h"
#include "cli/report_html.h"
#include "cli/report_parts.h"

namespace tidesync {
namespace {

constexpr std::size_t kShownCauses = 30;
constexpr std::size_t kShownGroups = 100;

const char* mark_of(const std::string& mark, std::size_t column) {
  if (mark != "*") return "";
  return column == 3 ? " class=\"mark stays\"" : column == 4 ? " class=\"mark kept\"" : "";
}

// The side-by-side view as `conflicts show` has it.
std::string versions_html(const ConflictRow& conflict, const Reader& reader) {
  std::size_t left_out = 0;
  const Table table = versions_table(conflict, reader, false, left_out);
  std::string html =
      "<table><caption class=\"quiet\">Both versions of " + html_escape(record_name(conflict)) +
      "</caption><thead><tr><th scope=\"col\">Column</th><th scope=\"col\">Before</th><th "
      "scope=\"col\">Stays</th><th scope=\"col\">Gave way, kept</th></tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    html += "<tr><th scope=\"row\">" + html_escape(row[1].text) +
            (row[0].text == "*" ? "<small>both changed it</small>" : "") + "</th>";
    for (std::size_t i = 2; i < row.size(); ++i) {
      html +=
          "<td" + std::string(mark_of(row[0].text, i)) + ">" + html_escape(row[i].text) + "</td>";
    }
    html += "</tr>\n";
  }
  html += "</tbody></table>\n";
  if (left_out > 0) {
    html += "<p class=\"soft\">" + count_of(left_out, "more column is", "more columns are") +
            " the same everywhere.</p>\n";
  }
  return html;
}

std::string conflict_html(const ConflictRow& conflict, const std::string& short_id,
                          const ReportPage& page) {
  const Reader reader{"", 0, page.report.options.utc};
  return "<article class=\"conflict\"><h4>" + html_escape(conflict_sentence(conflict, reader)) +
         "</h4>\n<p class=\"soft\">" + html_escape(kind_in_words(conflict.kind)) + ", decided " +
         html_escape(page.times.time(conflict.created_at)) + ": " + html_escape(conflict.rule) +
         ".</p>\n" + versions_html(conflict, reader) +
         "<p class=\"soft\">To settle it, on any computer that syncs: <code>tidesync conflicts "
         "show " +
         html_escape(short_id) + "</code></p></article>\n";
}

std::string open_html(const ReportPage& page) {
  const Report& report = page.report;
  std::string html;
  for (std::size_t i = 0; i < report.open_conflicts.size(); ++i)
    html += conflict_html(report.open_conflicts[i], report.conflict_ids[i], page);
  const std::uint64_t more = report.open_conflicts_matching - report.open_conflicts.size();
  if (more > 0) {
    html += "<p class=\"note\">" + with_thousands(more) +
            " older open conflicts are not shown here: <code>tidesync conflicts list</code> on a "
            "computer that syncs has them all.</p>\n";
  }
  return html;
}

// The most telling ones; a table with kinds in words.
ReportTable shown_groups(const ReportPage& page) {
  ReportTable table = table_of(page.tables, "conflicts_by_table");
  if (table.rows.size() > kShownGroups) table.rows.resize(kShownGroups);
  for (auto& row : table.rows) {
    if (const auto* kind = std::get_if<std::string>(&row[1])) row[1] = kind_in_words(*kind);
  }
  return table;
}

ReportTable shown_pairs(const ReportPage& page) {
  ReportTable table = table_of(page.tables, "conflicts_by_pair");
  if (table.rows.size() > kShownGroups) table.rows.resize(kShownGroups);
  return table;
}

std::string cause_row(const ReportCause& cause, const ReportPage& page) {
  const std::string name = shorten_utf8(cause.cause, 300);
  std::string what = cause.hint;
  if (what.empty()) what = cause.status == "partial" ? "" : "Run tidesync doctor on that computer.";
  return "<tr><th scope=\"row\"><span>" + html_escape(name) +
         "</span></th><td data-label=\"Outcome\">" +
         (cause.status == "partial" ? "in part" : "failed") +
         "</td><td class=\"n\" data-label=\"Runs\">" + with_thousands(cause.runs) +
         "</td><td class=\"n\" data-label=\"Computers\">" + with_thousands(cause.nodes) +
         "</td><td class=\"t\" data-label=\"Last\">" + html_escape(page.times.time(cause.last)) +
         "</td><td class=\"wide\">" + html_escape(what) +
         (cause.example.rfind(cause.cause, 0) == 0
              ? ""
              : "<small>" + html_escape(shorten_utf8(cause.example, 400)) + "</small>") +
         "</td></tr>\n";
}

}  // namespace

std::string conflicts_section(const ReportPage& page) {
  const Report& report = page.report;
  if (report.conflict_groups.empty())
    return html_section("conflicts", "Conflicts",
                        "<p class=\"soft\">None: no two edits contradicted each other.</p>\n");
  std::string content = "<div class=\"two\"><div><h3>By table and kind</h3>" +
                        html_table(shown_groups(page), page.times, "cards") +
                        "</div><div><h3>Between whom</h3>" +
                        html_table(shown_pairs(page), page.times) + "</div></div>\n";
  content += report.open_conflicts.empty()
                 ? "<p class=\"soft\">None is open.</p>\n"
                 : "<h3>Open ones, the newest first</h3>\n" + open_html(page);
  return html_section("conflicts", "Conflicts", content);
}

std::string causes_section(const ReportPage& page) {
  const auto& causes = page.report.causes;
  if (causes.empty())
    return html_section("causes", "What failed and why", "<p class=\"soft\">Nothing failed.</p>\n");
  std::string html =
      "<table class=\"cards\"><caption class=\"quiet\">Causes</caption><thead><tr><th "
      "scope=\"col\">Cause</th><th scope=\"col\">Outcome</th><th scope=\"col\" "
      "class=\"n\">Runs</th>"
      "<th scope=\"col\" class=\"n\">Computers</th><th scope=\"col\">Last</th><th "
      "scope=\"col\">What "
      "to do, and the newest message</th></tr></thead>\n<tbody>\n";
  for (std::size_t i = 0; i < causes.size() && i < kShownCauses; ++i)
    html += cause_row(causes[i], page);
  html += "</tbody></table>\n";
  if (causes.size() > kShownCauses) {
    html += "<p class=\"note\">" + with_thousands(causes.size() - kShownCauses) +
            " rarer causes are not shown here; <code>--csv</code> and <code>--json</code> have "
            "them.</p>\n";
  }
  return html_section("causes", "What failed and why", html);
}

}  // namespace tidesync
