// Running processes, from /proc. Names and command lines are what the processes chose: to be shown,
// not to be judged by. A process that ends while it is looked at is left out.
#include <algorithm>

#include "checks/engine/table.h"
#include "checks/parse/proc_process.h"
#include "checks/tables/socket_owners.h"
#include "checks/tables/touch_lists.h"
#include "evidence/digest.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxProcesses = 50000;
constexpr size_t kMaxCommandLine = 4096;
constexpr int64_t kTickMs = 10;  // USER_HZ is 100 on every Linux that this runs on
constexpr int64_t kPageBytes = 4096;

std::string Text(std::string text) {
  for (char& byte : text) {
    if (byte == '\0') byte = ' ';
  }
  if (!IsUtf8(text)) return "(not text)";
  return text;
}

// The arguments, blanks between them; cut where a character ends.
std::string CommandLine(Env& env, const std::string& directory) {
  auto text = env.ReadFile(directory + "/cmdline", 4 << 20);
  if (!text.ok()) return "";
  while (!text->empty() && text->back() == '\0') text->pop_back();
  size_t end = std::min(text->size(), kMaxCommandLine);
  while (end > 0 && end < text->size() && ((*text)[end] & 0xc0) == 0x80) --end;
  return Text(text->substr(0, end));
}

struct Program {
  std::string path;
  int64_t on_disk = -1;
};

// The kernel marks the file that a process runs when its name is gone from the disk.
Program ProgramOf(Env& env, const std::string& directory) {
  constexpr std::string_view kDeleted = " (deleted)";
  const auto link = env.ReadLink(directory + "/exe");
  if (!link.ok()) return {};
  const bool gone = link->size() > kDeleted.size() && link->ends_with(kDeleted);
  return {Text(gone ? link->substr(0, link->size() - kDeleted.size()) : *link), gone ? 0 : 1};
}

Value Link(Env& env, const std::string& path) {
  const auto link = env.ReadLink(path);
  return link.ok() ? Value(Text(*link)) : Value();
}

Value Number(const absl::StatusOr<std::string>& text, std::string_view name) {
  const auto number = text.ok() ? ProcNumber(*text, name) : std::nullopt;
  return number ? Value(*number) : Value();
}

class ProcessScan {
 public:
  ProcessScan(Env& env, RowSink& sink) : env_(env), sink_(sink) {}

  absl::Status Run() {
    auto pids = ListProcesses(env_);
    if (!pids.ok()) {
      if (env_.mode() != RootMode::kDeadTree) return pids.status();
      return Annotate(pids.status(), "only a live kernel knows the processes");
    }
    if (env_.mode() != RootMode::kDeadTree && (pids->empty() || pids->front() != 1)) {
      sink_.Incomplete("/proc hides processes");
    }
    if (pids->size() > kMaxProcesses) {
      sink_.Incomplete("more than 50,000 processes");
      pids->resize(kMaxProcesses);
    }
    const auto boot = env_.ReadFile("/proc/stat", 4 << 20);
    if (boot.ok()) boot_ = ProcNumber(*boot, "btime");
    for (const int64_t pid : *pids) {
      if (!Look(pid)) break;
    }
    if (unread_ > 0) {
      sink_.Incomplete(std::to_string(unread_) + " processes could not be read");
    }
    return absl::OkStatus();
  }

 private:
  bool Look(int64_t pid) {
    const std::string directory = "/proc/" + std::to_string(pid);
    const auto stat_text = env_.ReadFile(directory + "/stat", 64 << 10);
    const auto status_text = env_.ReadFile(directory + "/status", 256 << 10);
    if (absl::IsNotFound(stat_text.status()) || absl::IsNotFound(status_text.status())) return true;
    const auto stat = stat_text.ok() ? ParseProcStat(*stat_text) : std::nullopt;
    const auto status = status_text.ok() ? ParseProcStatus(*status_text) : std::nullopt;
    if (!stat || !status) {
      // ESRCH: it ended between the opening and the reading.
      unread_ += absl::IsUnavailable(stat_text.status()) ? 0 : 1;
      return true;
    }
    return Add(pid, directory, *stat, *status);
  }

  bool Add(int64_t pid, const std::string& directory, const ProcStat& stat,
           const ProcStatus& status) {
    const Program program = ProgramOf(env_, directory);
    const auto io = env_.ReadFile(directory + "/io", 64 << 10);
    const Value start = boot_ ? Value(*boot_ + stat.start_ticks * kTickMs / 1000) : Value();
    return sink_.Add({{"pid", pid},
                      {"name", Text(stat.name)},
                      {"path", program.path},
                      {"cmdline", CommandLine(env_, directory)},
                      {"state", std::string(1, stat.state)},
                      {"cwd", Link(env_, directory + "/cwd")},
                      {"root", Link(env_, directory + "/root")},
                      {"uid", status.uid.real},
                      {"gid", status.gid.real},
                      {"euid", status.uid.effective},
                      {"egid", status.gid.effective},
                      {"suid", status.uid.saved},
                      {"sgid", status.gid.saved},
                      {"on_disk", program.on_disk},
                      {"wired_size", int64_t{0}},
                      {"resident_size", stat.resident_pages * kPageBytes},
                      {"total_size", stat.virtual_bytes},
                      {"user_time", stat.user_ticks * kTickMs},
                      {"system_time", stat.system_ticks * kTickMs},
                      {"disk_bytes_read", Number(io, "read_bytes")},
                      {"disk_bytes_written", Number(io, "write_bytes")},
                      {"start_time", start},
                      {"parent", stat.parent},
                      {"pgroup", stat.group},
                      {"threads", stat.threads},
                      {"nice", stat.nice},
                      {"cgroup_path", ControlGroup(directory)}});
  }

  // Of the unified hierarchy: "0::/system.slice/ssh.service".
  Value ControlGroup(const std::string& directory) {
    const auto text = env_.ReadFile(directory + "/cgroup", 64 << 10);
    if (!text.ok()) return Value();
    const size_t start = text->starts_with("0::") ? 0 : text->find("\n0::");
    if (start == std::string::npos) return Value();
    const size_t path = text->find("::", start) + 2;
    return Text(text->substr(path, text->find('\n', path) - path));
  }

  Env& env_;
  RowSink& sink_;
  std::optional<int64_t> boot_;
  size_t unread_ = 0;
};

absl::Status GenerateProcesses(Env& env, const TableContext&, RowSink& sink) {
  return ProcessScan(env, sink).Run();
}

std::vector<Column> Columns() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  constexpr ColumnType kBig = ColumnType::kBigint;
  return {
      {.name = "pid", .type = kBig, .description = "Process id"},
      {.name = "name", .description = "As the process names itself"},
      {.name = "path", .description = "Program that it runs; empty where that may not be read"},
      {.name = "cmdline", .description = "Arguments, the first 4 KiB"},
      {.name = "state", .description = "R, S, D, Z, T, I"},
      {.name = "cwd", .description = "Working directory"},
      {.name = "root", .description = "Root directory"},
      {.name = "uid", .type = kBig, .description = "Real user id"},
      {.name = "gid", .type = kBig, .description = "Real group id"},
      {.name = "euid", .type = kBig, .description = "Effective user id"},
      {.name = "egid", .type = kBig, .description = "Effective group id"},
      {.name = "suid", .type = kBig, .description = "Saved user id"},
      {.name = "sgid", .type = kBig, .description = "Saved group id"},
      {.name = "on_disk",
       .type = kInt,
       .description = "1: the program is on the disk, 0: it was removed, -1: not known"},
      {.name = "wired_size", .type = kBig, .description = "Always 0 on Linux"},
      {.name = "resident_size", .type = kBig, .description = "Bytes in memory"},
      {.name = "total_size", .type = kBig, .description = "Bytes of address space"},
      {.name = "user_time", .type = kBig, .description = "Milliseconds of CPU, user"},
      {.name = "system_time", .type = kBig, .description = "Milliseconds of CPU, kernel"},
      {.name = "disk_bytes_read", .type = kBig, .description = "Bytes read from storage"},
      {.name = "disk_bytes_written", .type = kBig, .description = "Bytes written to storage"},
      {.name = "start_time", .type = kBig, .description = "Seconds since 1970"},
      {.name = "parent", .type = kBig, .description = "Process id of the parent"},
      {.name = "pgroup", .type = kBig, .description = "Process group"},
      {.name = "threads", .type = kInt, .description = "Threads"},
      {.name = "nice", .type = kInt, .description = "-20 to 20"},
      {.name = "cgroup_path", .description = "Of the unified hierarchy", .hidden = true},
  };
}

std::vector<Touch> ProcessFileTouches(Env&, const Declared&) {
  std::vector<Touch> touches =
      FileTouches({"/proc", "/proc/stat", "/proc/*/stat", "/proc/*/status", "/proc/*/cmdline",
                   "/proc/*/io", "/proc/*/exe", "/proc/*/cwd", "/proc/*/root", "/proc/*/cgroup"},
                  "running processes");
  touches.push_back({TouchKind::kCapability, "CAP_SYS_PTRACE", "other users' processes in /proc"});
  return touches;
}

}  // namespace

Table processes_table() {
  return {.name = "processes",
          .description = "Running processes",
          .columns = Columns(),
          .generate = GenerateProcesses,
          .touches = ProcessFileTouches};
}

}  // namespace tom
