// The computers on the page: a line each, what needs a look first.
#include "base/text.h"
#include "cli/printer.h"
#include "cli/report_html.h"
#include "cli/report_parts.h"

namespace tidesync {
namespace {

constexpr std::size_t kNamed = 3;  // in the headline

bool needs_a_look(const ReportNode& node) {
  return node.health.state != NodeState::kOk && node.health.state != NodeState::kRetired;
}

std::string state_html(const NodeHealth& health) {
  const char* css = "";
  const char* mark = "✓";
  switch (health.state) {
    case NodeState::kOk:
      break;
    case NodeState::kFailing:
      css = " bad";
      mark = "✕";
      break;
    case NodeState::kBehind:
    case NodeState::kClockOff:
    case NodeState::kNever:
    case NodeState::kUnknown:
      css = " warn";
      mark = "!";
      break;
    case NodeState::kRetired:
      css = " off";
      mark = "–";
      break;
  }
  return "<span class=\"state" + std::string(css) + "\"><span aria-hidden=\"true\">" + mark +
         "</span> " + html_escape(to_string(health.state)) + "</span>" +
         (health.reason.empty() ? "" : "<small>" + html_escape(health.reason) + "</small>");
}

std::string td(const char* label, const std::string& html, const char* css = "") {
  return "<td" + (*css == '\0' ? std::string() : " class=\"" + std::string(css) + "\"") +
         " data-label=\"" + label + "\"><span>" + html + "</span></td>";
}

std::string number(std::uint64_t value) {
  return value == 0 ? "<span class=\"zero\">0</span>" : with_thousands(value);
}

std::string or_unknown(const std::string& text) {
  return text.empty() ? "<span class=\"zero\">–</span>" : html_escape(text);
}

std::string small(const std::string& text) {
  return text.empty() ? std::string() : "<small>" + html_escape(text) + "</small>";
}

std::string node_row(const ReportNode& node, const ReportPage& page) {
  std::string who = node.user;
  if (!node.host.empty() && node.host != node.node)
    who += (who.empty() ? "on " : " on ") + node.host;
  std::string html =
      "<tr><th scope=\"row\"><span>" + html_escape(node.node) + small(who) + "</span></th>" +
      td("State", state_html(node.health)) +
      td("Last got through", or_unknown(page.times.time(node.last_success)), "t") +
      td("Runs", sparkline(node) + "<small>" + with_thousands(node.runs) + ", " +
                     with_thousands(node.failed) + " failed</small>") +
      td("Rows in", number(node.rows_in), "n") + td("Rows out", number(node.rows_out), "n") +
      td("Conflicts", number(node.conflicts), "n") + td("Batches behind", number(node.behind), "n");
  if (page.report.share_read) {
    html += td("Rows to send", node.pending ? number(*node.pending) : or_unknown(""), "n") +
            td("Clock", node.clock_offset_ms ? html_escape(clock_offset_text(*node.clock_offset_ms))
                                             : or_unknown("")) +
            td("Version", or_unknown(node.version));
  }
  return html + "</tr>\n";
}

std::string nodes_table(const ReportPage& page) {
  const auto th = [](const char* title, const char* css = "") {
    return "<th scope=\"col\"" + std::string(css) + ">" + title + "</th>";
  };
  std::string html =
      "<table class=\"cards\"><caption class=\"quiet\">Computers</caption><thead><tr>" +
      th("Computer") + th("State") + th("Last got through") + th("Runs") +
      th("Rows in", " class=\"n\"") + th("Rows out", " class=\"n\"") +
      th("Conflicts", " class=\"n\"") + th("Batches behind", " class=\"n\"");
  if (page.report.share_read)
    html += th("Rows to send", " class=\"n\"") + th("Clock") + th("Version");
  html += "</tr></thead>\n<tbody>\n";
  for (const ReportNode* node : by_urgency(page.report)) html += node_row(*node, page);
  return html + "</tbody></table>\n";
}

// The numbers of the small trends: a line for each computer, a column for each step.
std::string trends_matrix(const Report& report) {
  std::string html =
      "<table><caption class=\"quiet\">Runs of each computer, and how many of them "
      "failed</caption><thead><tr><th scope=\"col\">Computer</th>";
  for (const ReportDay& day : report.days)
    html += "<th scope=\"col\" class=\"n\">" + short_day(day.day, report.step) + "</th>";
  html += "</tr></thead>\n<tbody>\n";
  for (const ReportNode& node : report.nodes) {
    html += "<tr><th scope=\"row\">" + html_escape(node.node) + "</th>";
    for (const ReportTrendDay& day : node.trend) {
      html += "<td class=\"n\">" + with_thousands(day.runs) +
              (day.failed > 0 ? " <small>" + with_thousands(day.failed) + " failed</small>" : "") +
              "</td>";
    }
    html += "</tr>\n";
  }
  return html_scroll("Runs of each computer", html + "</tbody></table>\n");
}

}  // namespace

std::string report_headline(const Report& report) {
  std::vector<const ReportNode*> ill;
  for (const ReportNode* node : by_urgency(report))
    if (needs_a_look(*node)) ill.push_back(node);
  if (report.nodes.empty()) return "No computer has synced yet.";
  if (ill.empty()) {
    return report.nodes.size() == 1
               ? "The computer syncs."
               : "All " + std::to_string(report.nodes.size()) + " computers sync.";
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < ill.size() && i < kNamed; ++i)
    names.push_back(ill[i]->node + " (" + ill[i]->health.reason + ")");
  std::string text = with_thousands(ill.size()) + " of " +
                     count_of(report.nodes.size(), "computer needs", "computers need") +
                     " a look: " + join(names, ", ");
  if (ill.size() > kNamed) text += ", and " + with_thousands(ill.size() - kNamed) + " more";
  return text + ".";
}

std::string nodes_section(const ReportPage& page) {
  if (page.report.nodes.empty())
    return html_section("nodes", "Computers",
                        "<p class=\"soft\">No computer has synced yet.</p>\n");
  std::string content = nodes_table(page);
  if (!page.report.days.empty())
    content += html_details("The numbers of the trends", trends_matrix(page.report));
  return html_section("nodes", "Computers", content);
}

}  // namespace tidesync
