// A report as one HTML file: no script, nothing from the network, so that it opens from a mail as
// well as from a disk. Light and dark, on paper and on a phone. Every charted number stands in a
// table, too. Text from databases is escaped, all of it, in one function.
#pragma once

#include <string>
#include <string_view>

#include "inspect/report.h"

namespace tidesync {

std::string report_html(const Report& report);

// Text as HTML, in an element or in an attribute in double quotes; made printable first.
std::string html_escape(std::string_view text);

}  // namespace tidesync
