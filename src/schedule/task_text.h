// Filling the templates of tasks/: names between @ are replaced, values are written as each format
// wants them. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "schedule/os_task.h"

namespace tidesync {

// Every @NAME@ (capitals and _) by its value. Throws Error kInternal for a name without a value.
std::string fill_template(std::string_view text, const std::map<std::string, std::string>& values);

// The arguments of the run behind the program's name. A scheduler that knows only minutes leaves
// the seconds of the offset to the run.
std::vector<std::string> run_arguments(const Task& task, bool with_delay);
// The database's file name, fit for a line of text.
std::string database_name(const Task& task);

// A word of ExecStart=. The program is not subject to the replacement of $NAME.
std::string systemd_word(std::string_view word, bool is_program = false);
// A value of Description= and the like: one line, without specifiers.
std::string systemd_text(std::string_view text);
// A word for /bin/sh in a crontab line, where % ends the command and backslashes before % vanish in
// some cron programs: neither occurs in the result.
std::string crontab_word(std::string_view word);
// Text in XML; characters that XML 1.0 cannot hold become U+FFFD.
std::string xml_text(std::string_view text);
// A word of a command line as CommandLineToArgvW reads it.
std::string windows_word(std::string_view word);
// As schtasks wants its files: UTF-16, little end first, with a mark, lines ended by CR LF.
std::string utf16_file(std::string_view utf8);

// "3,18,33,48"; `all` when empty.
std::string number_list(const std::vector<int>& numbers, const char* all, int digits = 1);

}  // namespace tidesync
