// Charts as SVG placed by hand. Lengths along the width are percentages, so that a chart fills
// whatever width there is while its text keeps its size; heights are pixels.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/text.h"
#include "cli/printer.h"
#include "cli/report_html.h"
#include "cli/report_parts.h"

namespace tidesync {
namespace {

constexpr double kPlotHeight = 150;
constexpr int kChartHeight = 178;
constexpr double kLeastHeight = 2.5;  // one failure among thousands must be seen
constexpr std::size_t kMaxDayLabels = 5;
constexpr std::size_t kMaxDots = 62;
constexpr int kMaxTicks = 4;

// With as many digits as a screen shows.
std::string px(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  std::string number = text.data();
  number.erase(number.find_last_not_of('0') + 1);
  if (number.back() == '.') number.pop_back();
  return number;
}
std::string percent(double value) {
  return px(value) + "%";
}

// A scale from 0 with even marks: 1, 2 or 5 times a power of ten, of `unit`.
struct Scale {
  double top = 1;
  std::vector<double> marks;
  double y(double value) const { return kPlotHeight - value / top * kPlotHeight; }
};

Scale make_scale(double highest, double unit) {
  double step = unit;
  const std::array<double, 3> factors{2, 2.5, 2};
  for (std::size_t i = 0; highest > step * kMaxTicks; ++i) step *= factors[i % factors.size()];
  Scale scale;
  scale.top = step * std::max(1.0, std::ceil(highest / step));
  for (double mark = 0; mark <= scale.top + step / 2; mark += step) scale.marks.push_back(mark);
  return scale;
}

// The same for milliseconds, with marks that people count in: 2 s, 5 min.
Scale make_time_scale(double highest_ms) {
  constexpr std::array<double, 20> kSteps{1,     2,      5,      10,     20,      50,     100,
                                          200,   500,    1000,   2000,   5000,    10000,  30000,
                                          60000, 120000, 300000, 600000, 1800000, 3600000};
  const auto step = std::find_if(kSteps.begin(), kSteps.end(),
                                 [&](double s) { return highest_ms <= s * kMaxTicks; });
  if (step == kSteps.end()) return make_scale(highest_ms, kSteps.back());
  Scale scale;
  scale.top = *step * std::max(1.0, std::ceil(highest_ms / *step));
  for (double mark = 0; mark <= scale.top + *step / 2; mark += *step) scale.marks.push_back(mark);
  return scale;
}

std::string count_label(double value) {
  if (value >= 1e6) return px(value / 1e6) + " M";
  return value >= 1e4 ? px(value / 1e3) + " k" : with_thousands(static_cast<std::uint64_t>(value));
}

std::string time_label(double value_ms) {
  if (value_ms < 1) return "0";
  if (value_ms < 1000) return px(value_ms) + " ms";
  if (value_ms < 60000) return px(value_ms / 1000) + " s";
  return value_ms < 3600000 ? px(value_ms / 60000) + " min" : px(value_ms / 3600000) + " h";
}

std::string grid(const Scale& scale, std::string (*label)(double)) {
  std::string svg;
  for (const double mark : scale.marks) {
    const std::string y = px(scale.y(mark));
    svg += "<line class=\"" + std::string(mark == 0 ? "axis" : "grid") +
           "\" x1=\"0\" x2=\"100%\" y1=\"" + y + "\" y2=\"" + y +
           "\"/><text class=\"y\" x=\"-8\" y=\"" + px(scale.y(mark) + 4) + "\">" + label(mark) +
           "</text>";
  }
  return svg;
}

// Where the steps of a chart are along its width.
struct Places {
  std::size_t count = 1;
  double width() const { return 100.0 / static_cast<double>(count); }
  double left(std::size_t i) const { return width() * static_cast<double>(i); }
  double centre(std::size_t i) const { return left(i) + width() / 2; }
};

std::string day_labels(const std::vector<std::string>& days, ReportStep step) {
  const Places places{days.size()};
  const std::size_t every = (days.size() + kMaxDayLabels - 1) / kMaxDayLabels;
  std::string svg;
  for (std::size_t i = 0; i < days.size(); i += every) {
    svg += "<line class=\"axis\" x1=\"" + percent(places.centre(i)) + "\" x2=\"" +
           percent(places.centre(i)) + "\" y1=\"150\" y2=\"154\"/><text class=\"x\" x=\"" +
           percent(places.centre(i)) + "\" y=\"170\">" + short_day(days[i], step) + "</text>";
  }
  return svg;
}

std::string bar(const char* css, double left, double width, double top, double height) {
  return "<rect class=\"" + std::string(css) + "\" x=\"" + percent(left) + "\" width=\"" +
         percent(width) + "\" y=\"" + px(top) + "\" height=\"" + px(height) + "\"/>";
}

// `name` also makes the ids unique in the page.
std::string chart(const std::string& name, const std::string& title, const std::string& description,
                  const std::string& content) {
  return "<svg class=\"chart\" role=\"img\" aria-labelledby=\"" + name + "-t " + name +
         "-d\" height=\"" + std::to_string(kChartHeight) + "\"><title id=\"" + name + "-t\">" +
         html_escape(title) + "</title><desc id=\"" + name + "-d\">" + html_escape(description) +
         "</desc>" + content + "</svg>\n";
}

const char* per_step(ReportStep step) {
  return step == ReportStep::kDay ? "day" : step == ReportStep::kWeek ? "week" : "month";
}

template <typename Day>
std::vector<std::string> names_of(const std::vector<Day>& days) {
  std::vector<std::string> names;
  for (const Day& day : days) names.push_back(day.day);
  return names;
}

std::string outcome_text(const ReportDay& day, ReportStep step) {
  return short_day(day.day, step) + ": " + with_thousands(day.success) + " succeeded, " +
         with_thousands(day.partial) + " in part, " + with_thousands(day.error) + " failed";
}

// One above the other; what is rare stays visible.
std::string stack(const ReportDay& day, const Scale& scale, double left, double width) {
  std::string svg;
  double bottom = kPlotHeight;
  const auto add = [&](const char* css, std::uint64_t runs) {
    if (runs == 0) return;
    const double exact = static_cast<double>(runs) / scale.top * kPlotHeight;
    const double height = std::max(exact, kLeastHeight);
    bottom -= height;
    svg += bar(css, left, width, bottom, height);
  };
  add("ok", day.success);
  add("part", day.partial);
  add("bad", day.error);
  return svg;
}

// A curve of percentages along the width: pieces, since SVG has no path in percent.
std::string curve(const std::vector<std::optional<std::int64_t>>& values, const Scale& scale,
                  const char* css) {
  const Places places{values.size()};
  std::string lines, dots;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i]) continue;
    const std::string x = percent(places.centre(i));
    const std::string y = px(scale.y(static_cast<double>(*values[i])));
    const bool joins = i > 0 && values[i - 1];
    if (joins) {
      lines += "<line x1=\"" + percent(places.centre(i - 1)) + "\" y1=\"" +
               px(scale.y(static_cast<double>(*values[i - 1]))) + "\" x2=\"" + x + "\" y2=\"" + y +
               "\"/>";
    }
    const bool alone = !joins && (i + 1 == values.size() || !values[i + 1]);
    if (values.size() <= kMaxDots || alone)
      dots += "<circle cx=\"" + x + "\" cy=\"" + y + "\" r=\"2.5\"/>";
  }
  return "<g class=\"" + std::string(css) + "\">" + lines + dots + "</g>";
}

// Invisible, over the whole height of a step: what a mouse that rests on it is told.
std::string hover(const Places& places, std::size_t i, const std::string& text) {
  return "<rect class=\"hover\" x=\"" + percent(places.left(i)) + "\" width=\"" +
         percent(places.width()) + "\" y=\"0\" height=\"150\"><title>" + html_escape(text) +
         "</title></rect>";
}

std::string duration_text(const ReportDuration& day, ReportStep step) {
  if (!day.median_ms) return short_day(day.day, step) + ": no run got through";
  return short_day(day.day, step) + ": half within " + display_duration(*day.median_ms) +
         ", 95 % within " + display_duration(day.p95_ms.value_or(0));
}

}  // namespace

std::string short_day(const std::string& day, ReportStep step) {
  constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  int year = 0, month = 0, date = 0;
  if (std::sscanf(day.c_str(), "%4d-%2d-%2d", &year, &month, &date) != 3 || month < 1 || month > 12)
    return html_escape(day);
  const std::string name = kMonths[static_cast<std::size_t>(month - 1)];
  if (step == ReportStep::kMonth) return name + " " + std::to_string(year);
  return std::to_string(date) + " " + name;
}

std::string runs_chart(const ReportPage& page) {
  const auto& days = page.report.days;
  std::uint64_t highest = 1;
  for (const ReportDay& day : days) highest = std::max(highest, day.runs());
  const Scale scale = make_scale(static_cast<double>(highest), 1);
  const Places places{days.size()};
  std::string svg = grid(scale, count_label);
  for (std::size_t i = 0; i < days.size(); ++i)
    svg += stack(days[i], scale, places.left(i) + places.width() * 0.12, places.width() * 0.76);
  svg += day_labels(names_of(days), page.report.step);
  for (std::size_t i = 0; i < days.size(); ++i)
    svg += hover(places, i, outcome_text(days[i], page.report.step));
  const ReportTotals& totals = page.report.totals;
  return chart("runs", std::string("Runs per ") + per_step(page.report.step) + " by outcome",
               "Stacked bars. In all " + with_thousands(totals.success) + " succeeded, " +
                   with_thousands(totals.partial) + " in part, " + with_thousands(totals.error) +
                   " failed; at most " + with_thousands(highest) + " a " +
                   per_step(page.report.step) + ". The table below has every number.",
               svg);
}

std::string durations_chart(const ReportPage& page) {
  const auto& days = page.report.durations;
  std::vector<std::optional<std::int64_t>> medians, p95s;
  std::int64_t highest = 1;
  for (const ReportDuration& day : days) {
    medians.push_back(day.median_ms);
    p95s.push_back(day.p95_ms);
    highest = std::max(highest, day.p95_ms.value_or(0));
  }
  const Scale scale = make_time_scale(static_cast<double>(highest));
  const Places places{days.size()};
  std::string svg = grid(scale, time_label) + curve(p95s, scale, "p95") +
                    curve(medians, scale, "median") + day_labels(names_of(days), page.report.step);
  for (std::size_t i = 0; i < days.size(); ++i)
    svg += hover(places, i, duration_text(days[i], page.report.step));
  const ReportTotals& totals = page.report.totals;
  return chart("durations", std::string("How long runs took, per ") + per_step(page.report.step),
               "Two curves. Over the whole period half of the runs took no longer than " +
                   display_duration(totals.median_ms.value_or(0)) + ", 95 of 100 no longer than " +
                   display_duration(totals.p95_ms.value_or(0)) +
                   ". The table below has every number.",
               svg);
}

std::string rows_chart(const ReportPage& page) {
  const auto& days = page.report.durations;
  std::uint64_t highest = 1;
  for (const ReportDuration& day : days) highest = std::max({highest, day.rows_in, day.rows_out});
  const Scale scale = make_scale(static_cast<double>(highest), 1);
  const Places places{days.size()};
  std::string svg = grid(scale, count_label);
  const auto add = [&](const char* css, double left, std::uint64_t rows) {
    const double height =
        std::max(static_cast<double>(rows) / scale.top * kPlotHeight, kLeastHeight);
    if (rows > 0) svg += bar(css, left, places.width() * 0.38, kPlotHeight - height, height);
  };
  for (std::size_t i = 0; i < days.size(); ++i) {
    add("in", places.left(i) + places.width() * 0.1, days[i].rows_in);
    add("out", places.left(i) + places.width() * 0.52, days[i].rows_out);
  }
  svg += day_labels(names_of(days), page.report.step);
  for (std::size_t i = 0; i < days.size(); ++i) {
    svg += hover(places, i,
                 short_day(days[i].day, page.report.step) + ": " + with_thousands(days[i].rows_in) +
                     " in, " + with_thousands(days[i].rows_out) + " out");
  }
  const ReportTotals& totals = page.report.totals;
  return chart("rows", std::string("Rows per ") + per_step(page.report.step),
               "Pairs of bars. In all " + with_thousands(totals.rows_in) +
                   " rows were taken in and " + with_thousands(totals.rows_out) +
                   " published. The table below has every number.",
               svg);
}

std::string sparkline(const ReportNode& node) {
  constexpr int kWidth = 120;
  constexpr int kHeight = 24;
  std::uint64_t highest = 1;
  for (const ReportTrendDay& day : node.trend) highest = std::max(highest, day.runs);
  const double width = static_cast<double>(kWidth) /
                       static_cast<double>(std::max<std::size_t>(node.trend.size(), 1));
  std::string good, bad;
  for (std::size_t i = 0; i < node.trend.size(); ++i) {
    const ReportTrendDay& day = node.trend[i];
    const auto height = [&](std::uint64_t runs) {
      return std::max(1.5, static_cast<double>(runs) / static_cast<double>(highest) * kHeight);
    };
    const auto add = [&](std::string& path, double from, double up) {
      path += "M" + px(width * static_cast<double>(i)) + " " + px(kHeight - from) + "v-" + px(up) +
              "h" + px(width * 0.8) + "v" + px(up) + "z";
    };
    const double above = day.runs > day.failed ? height(day.runs - day.failed) : 0;
    if (above > 0) add(good, 0, above);
    if (day.failed > 0) add(bad, above, std::min(height(day.failed), kHeight - above + 1.5));
  }
  return "<svg class=\"spark\" role=\"img\" viewBox=\"0 -2 120 26\" width=\"120\" height=\"26\" "
         "aria-label=\"Trend: " +
         count_of(node.runs, "run", "runs") + ", " + with_thousands(node.failed) +
         " failed\"><path class=\"base\" d=\"M0 23.5h120\"/><path class=\"ok\" d=\"" + good +
         "\"/><path class=\"bad\" d=\"" + bad + "\"/></svg>";
}

}  // namespace tidesync
