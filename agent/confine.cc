#include "agent/confine.h"

#include <cap-ng.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "agent/call_filter.h"
#include "checks/env/errno_status.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr rlim_t kMaxOpenFiles = 256;
[[maybe_unused]] constexpr int64_t kMiB = 1 << 20;
// What a program that is run may map (programs.h): restic's runtime maps far more than it uses.
[[maybe_unused]] constexpr int64_t kProgramMiB = 1024;

// A deny-list: an allow-list would have to follow glibc, SQLite and every program on the list of
// those that may be run, and its first miss would be an `unknown` on somebody's host. What is here
// and among CallsOfTheHost has no use in reading facts.
constexpr std::array kChangesToFiles = {
    SCMP_SYS(creat),        SCMP_SYS(truncate),  SCMP_SYS(ftruncate),   SCMP_SYS(fallocate),
    SCMP_SYS(mkdir),        SCMP_SYS(mkdirat),   SCMP_SYS(rmdir),       SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),     SCMP_SYS(rename),    SCMP_SYS(renameat),    SCMP_SYS(renameat2),
    SCMP_SYS(link),         SCMP_SYS(linkat),    SCMP_SYS(symlink),     SCMP_SYS(symlinkat),
    SCMP_SYS(chmod),        SCMP_SYS(fchmod),    SCMP_SYS(fchmodat),    SCMP_SYS(chown),
    SCMP_SYS(fchown),       SCMP_SYS(lchown),    SCMP_SYS(fchownat),    SCMP_SYS(utime),
    SCMP_SYS(utimes),       SCMP_SYS(utimensat), SCMP_SYS(futimesat),   SCMP_SYS(setxattr),
    SCMP_SYS(lsetxattr),    SCMP_SYS(fsetxattr), SCMP_SYS(removexattr), SCMP_SYS(lremovexattr),
    SCMP_SYS(fremovexattr),
};

constexpr std::array kSockets = {SCMP_SYS(socket), SCMP_SYS(connect)};
constexpr std::array kPrograms = {SCMP_SYS(execve), SCMP_SYS(execveat)};

void Limit(int resource, rlim_t value, rlim_t most = 0) {
  most = std::max(value, most);
  rlimit limit{};
  if (getrlimit(resource, &limit) == 0) most = std::min(most, limit.rlim_max);
  limit = {std::min(value, most), most};
  setrlimit(resource, &limit);
}

// Opening for writing, by the flags of open and openat; what openat2 is given lies in memory that a
// filter cannot see.
void RefuseWriting(CallFilter& filter) {
  for (const scmp_datum_t mode : {O_WRONLY, O_RDWR}) {
    filter.Refuse(SCMP_SYS(open), EPERM, {MaskedEqual(1, O_ACCMODE, mode)});
    filter.Refuse(SCMP_SYS(openat), EPERM, {MaskedEqual(2, O_ACCMODE, mode)});
  }
}

absl::Status FilterCalls(RootMode mode, bool run_programs) {
  CallFilter filter;
  filter.Refuse(kChangesToFiles, EPERM);
  filter.Refuse(CallsOfTheHost(), EPERM);
  filter.Refuse(NewerCalls(), ENOSYS);
  if (mode == RootMode::kDeadTree) {
    filter.Refuse(kSockets, EPERM);
    if (!run_programs) filter.Refuse(kPrograms, EPERM);
    // Programs of the list open /dev/null and their own scratch for writing; without any there is
    // nothing to write.
    RefuseWriting(filter);
  }
  return filter.Load();
}

// What is kept, where the process has it: reading every file, and every process's /proc entries.
absl::Status DropCapabilities() {
  capng_get_caps_process();
  const bool read = capng_have_capability(CAPNG_EFFECTIVE, CAP_DAC_READ_SEARCH) == 1;
  const bool trace = capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_PTRACE) == 1;
  capng_clear(CAPNG_SELECT_CAPS);
  const auto kept = static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED);
  if (read) capng_update(CAPNG_ADD, kept, CAP_DAC_READ_SEARCH);
  if (trace) capng_update(CAPNG_ADD, kept, CAP_SYS_PTRACE);
  if (capng_apply(CAPNG_SELECT_CAPS) != 0)
    return absl::InternalError("capabilities cannot be dropped");
  return absl::OkStatus();
}

}  // namespace

absl::Status Confine(int64_t memory_mib, RootMode mode, bool run_programs) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return ErrnoStatus(errno, "no_new_privs");
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_NOFILE, kMaxOpenFiles);
#ifndef __SANITIZE_ADDRESS__  // whose shadow memory is data too
  Limit(RLIMIT_DATA, static_cast<rlim_t>(memory_mib * kMiB), kProgramMiB * kMiB);
#else
  static_cast<void>(memory_mib);
#endif
  TOM_RETURN_IF_ERROR(DropCapabilities());
  return FilterCalls(mode, run_programs);
}

}  // namespace tom
