// The note that stands in every task that tidesync made: one line that says what the task does, the
// same in a unit, a crontab, a property list and XML. Pure.
//
//     tidesync-schedule {"version":1,"database":"/home/anna/quotes.db",...}
//
// It is ASCII without "<", ">", "&" and "--", so that no format needs to escape it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schedule/os_task.h"

namespace tidesync {

std::string print_note(const Task& task);
// The first note in `text` that can be read; nullopt when there is none.
std::optional<Task> find_note(std::string_view text);

}  // namespace tidesync
