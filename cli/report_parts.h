// The parts of the page. Private to report_*.cpp.
#pragma once

#include <string>
#include <vector>

#include "cli/report_tables.h"

namespace tidesync {

// What the parts of one page share.
struct ReportPage {
  const Report& report;
  std::vector<ReportTable> tables;
  ReportTimes times;
};

extern const char* const kReportStyle;

// Charts: drawn to scale with the page's width; their text is not scaled. Each says in its title
// and description what it shows.
std::string runs_chart(const ReportPage& page);
std::string durations_chart(const ReportPage& page);
std::string rows_chart(const ReportPage& page);
std::string sparkline(const ReportNode& node);

// "21 Nov", "Nov 2026": a step of the charts.
std::string short_day(const std::string& day, ReportStep step);

// Tables.
std::string html_table(const ReportTable& table, const ReportTimes& times,
                       const std::string& css_class = "");
std::string html_details(const std::string& summary, const std::string& content);
// What may be wider than the page: it scrolls by itself, also by keys.
std::string html_scroll(const std::string& name, const std::string& content);
std::string html_section(const std::string& id, const std::string& title,
                         const std::string& content);

std::string nodes_section(const ReportPage& page);
std::string conflicts_section(const ReportPage& page);
std::string causes_section(const ReportPage& page);

// "2 of 8 computers need a look: bob is failing (the last 7 runs failed)." For the page and for the
// terminal.
std::string report_headline(const Report& report);

}  // namespace tidesync
