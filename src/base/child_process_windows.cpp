// CreateProcess with only our three handles inherited. The input is a temporary file that goes when
// it is closed. A program gets a job object, so that what it starts ends with it.
#include <windows.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/child_process.h"
#include "base/clock.h"
#include "base/error.h"

namespace tidesync {
namespace {

constexpr std::size_t kMaxOutputBytes = 16u << 20;
constexpr DWORD kSliceMs = 20;  // a pipe cannot be waited for

[[noreturn]] void throw_start(const std::string& program, DWORD err) {
  const bool missing = err == ERROR_FILE_NOT_FOUND || err == ERROR_PATH_NOT_FOUND;
  throw Error(missing                      ? ErrorCode::kNotFound
              : err == ERROR_ACCESS_DENIED ? ErrorCode::kNoPermission
                                           : ErrorCode::kIo,
              "start program", program, "Windows error " + std::to_string(err));
}

class Handle {
 public:
  Handle() = default;
  explicit Handle(HANDLE handle) : handle_(handle) {}
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { reset(nullptr); }
  HANDLE get() const { return handle_; }
  void reset(HANDLE handle) {
    if (handle_ != nullptr && handle_ != INVALID_HANDLE_VALUE) CloseHandle(handle_);
    handle_ = handle;
  }

 private:
  HANDLE handle_ = nullptr;
};

std::wstring wide(const std::string& utf8) {
  return from_utf8(utf8).wstring();
}

// As CommandLineToArgvW and the C runtime take it apart: backslashes count double before a quote.
std::wstring quoted_word(const std::wstring& word) {
  if (!word.empty() && word.find_first_of(L" \t\n\v\"") == std::wstring::npos) return word;
  std::wstring out = L"\"";
  std::size_t backslashes = 0;
  for (const wchar_t c : word) {
    if (c == L'\\') {
      ++backslashes;
      continue;
    }
    out.append(c == L'"' ? backslashes * 2 + 1 : backslashes, L'\\');
    backslashes = 0;
    out += c;
  }
  out.append(backslashes * 2, L'\\');
  return out + L"\"";
}

// cmd.exe takes what stands behind /c as it is; everything else has its words quoted.
std::wstring command_line(const std::vector<std::string>& words) {
  const bool shell = words.size() == 4 && words[1] == "/s" && words[2] == "/c";
  std::wstring line;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::wstring word = wide(words[i]);
    line += (i == 0 ? L"" : L" ");
    line += shell && i == 3 ? L"\"" + word + L"\"" : quoted_word(word);
  }
  return line;
}

SECURITY_ATTRIBUTES inheritable() {
  return {sizeof(SECURITY_ATTRIBUTES), nullptr, TRUE};
}

Handle open_input(const ChildCommand& command) {
  SECURITY_ATTRIBUTES attributes = inheritable();
  if (command.input.empty()) {
    return Handle(CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, &attributes,
                              OPEN_EXISTING, 0, nullptr));
  }
  std::array<wchar_t, MAX_PATH + 1> folder{};
  std::array<wchar_t, MAX_PATH + 1> name{};
  GetTempPathW(static_cast<DWORD>(folder.size()), folder.data());
  if (GetTempFileNameW(folder.data(), L"tds", 0, name.data()) == 0)
    throw_start(command.words.front(), GetLastError());
  Handle file(CreateFileW(name.data(), GENERIC_READ | GENERIC_WRITE | DELETE,
                          FILE_SHARE_READ | FILE_SHARE_DELETE, &attributes, CREATE_ALWAYS,
                          FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE, nullptr));
  DWORD written = 0;
  if (file.get() == INVALID_HANDLE_VALUE ||
      !WriteFile(file.get(), command.input.data(), static_cast<DWORD>(command.input.size()),
                 &written, nullptr) ||
      SetFilePointer(file.get(), 0, nullptr, FILE_BEGIN) != 0)
    throw_start(command.words.front(), GetLastError());
  return file;
}

class WindowsChild : public ChildProcess {
 public:
  WindowsChild(const PROCESS_INFORMATION& process, HANDLE job, HANDLE output, bool own_group)
      : process_(process.hProcess),
        job_(job),
        output_end_(output),
        id_(process.dwProcessId),
        own_group_(own_group) {}

  std::string take_output() override {
    drain();
    return std::exchange(output_, {});
  }

  std::optional<int> exit_code() override {
    DWORD code = 0;
    if (WaitForSingleObject(process_.get(), 0) != WAIT_OBJECT_0) return std::nullopt;
    return GetExitCodeProcess(process_.get(), &code) ? static_cast<int>(code) : 1;
  }

  std::optional<int> wait(std::int64_t limit_ms) override {
    const std::int64_t end_ms = clock_.monotonic_ms() + limit_ms;
    for (;;) {
      drain();
      const auto code = exit_code();
      const std::int64_t left_ms = end_ms - clock_.monotonic_ms();
      if (code || left_ms <= 0) {
        drain();
        return code;
      }
      WaitForSingleObject(process_.get(),
                          static_cast<DWORD>(std::min<std::int64_t>(left_ms, kSliceMs)));
    }
  }

  // A console program of its own group can be asked; any other is ended.
  void ask_to_end() override {
    if (!own_group_ || !GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, id_)) kill();
  }
  void kill() override {
    if (job_.get() != nullptr && own_group_) {
      TerminateJobObject(job_.get(), 137);
    } else {
      TerminateProcess(process_.get(), 137);
    }
  }
  std::int64_t id() const override { return id_; }

 private:
  void drain() {
    std::array<char, 65536> buffer;
    for (;;) {
      DWORD there = 0;
      DWORD got = 0;
      if (!PeekNamedPipe(output_end_.get(), nullptr, 0, nullptr, &there, nullptr) || there == 0)
        return;
      const DWORD size = std::min<DWORD>(there, static_cast<DWORD>(buffer.size()));
      if (!ReadFile(output_end_.get(), buffer.data(), size, &got, nullptr) || got == 0) return;
      const std::size_t room = kMaxOutputBytes - std::min(output_.size(), kMaxOutputBytes);
      output_.append(buffer.data(), std::min<std::size_t>(got, room));
    }
  }

  SystemClock clock_;
  Handle process_;
  Handle job_;
  Handle output_end_;
  DWORD id_;
  bool own_group_;
  std::string output_;
};

// The handles that a child inherits, and no others of ours.
class InheritedHandles {
 public:
  explicit InheritedHandles(std::array<HANDLE, 3> handles) : handles_(handles) {
    // A handle may stand in the list only once.
    const auto last = std::unique(handles_.begin(), handles_.end());
    const auto bytes = static_cast<std::size_t>(last - handles_.begin()) * sizeof(HANDLE);
    SIZE_T size = 0;
    InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
    storage_.resize(size);
    InitializeProcThreadAttributeList(list(), 1, 0, &size);
    UpdateProcThreadAttribute(list(), 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles_.data(), bytes,
                              nullptr, nullptr);
  }
  InheritedHandles(const InheritedHandles&) = delete;
  InheritedHandles& operator=(const InheritedHandles&) = delete;
  ~InheritedHandles() { DeleteProcThreadAttributeList(list()); }
  LPPROC_THREAD_ATTRIBUTE_LIST list() {
    return reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(storage_.data());
  }

 private:
  std::array<HANDLE, 3> handles_;
  std::vector<char> storage_;
};

}  // namespace

std::unique_ptr<ChildProcess> ChildProcess::start(const ChildCommand& command) {
  const Handle input = open_input(command);
  SECURITY_ATTRIBUTES attributes = inheritable();
  HANDLE read_end = nullptr;
  HANDLE write_end = nullptr;
  if (!CreatePipe(&read_end, &write_end, &attributes, 1 << 20))
    throw_start(command.words.front(), GetLastError());
  Handle ours(read_end);
  const Handle theirs(write_end);
  SetHandleInformation(ours.get(), HANDLE_FLAG_INHERIT, 0);
  HANDLE errors = theirs.get();
  if (!command.capture_errors) {
    errors = GetStdHandle(STD_ERROR_HANDLE);
    SetHandleInformation(errors, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
  }
  InheritedHandles inherited({input.get(), theirs.get(), errors});
  STARTUPINFOEXW info{};
  info.StartupInfo.cb = sizeof(info);
  info.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  info.StartupInfo.hStdInput = input.get();
  info.StartupInfo.hStdOutput = theirs.get();
  info.StartupInfo.hStdError = errors;
  info.lpAttributeList = inherited.list();
  DWORD flags = EXTENDED_STARTUPINFO_PRESENT | CREATE_SUSPENDED;
  if (command.own_group) flags |= CREATE_NEW_PROCESS_GROUP;
  std::wstring line = command_line(command.words);
  PROCESS_INFORMATION process{};
  if (!CreateProcessW(nullptr, line.data(), nullptr, nullptr, TRUE, flags, nullptr, nullptr,
                      &info.StartupInfo, &process))
    throw_start(command.words.front(), GetLastError());
  HANDLE job = CreateJobObjectW(nullptr, nullptr);
  if (job != nullptr) AssignProcessToJobObject(job, process.hProcess);
  ResumeThread(process.hThread);
  CloseHandle(process.hThread);
  HANDLE output = std::exchange(read_end, nullptr);
  DuplicateHandle(GetCurrentProcess(), ours.get(), GetCurrentProcess(), &output, 0, FALSE,
                  DUPLICATE_SAME_ACCESS);
  return std::make_unique<WindowsChild>(process, job, output, command.own_group);
}

std::vector<std::string> shell_words(const std::string& line) {
  return {"cmd.exe", "/s", "/c", line};
}

std::int64_t own_process_id() {
  return GetCurrentProcessId();
}

Path own_program() {
  std::wstring name(32768, L'\0');
  const DWORD size = GetModuleFileNameW(nullptr, name.data(), static_cast<DWORD>(name.size()));
  name.resize(size);
  return Path(name);
}

}  // namespace tidesync
