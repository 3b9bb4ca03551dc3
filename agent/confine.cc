#include "agent/confine.h"

#include <cap-ng.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <memory>

#include "checks/env/errno_status.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr rlim_t kMaxOpenFiles = 256;
[[maybe_unused]] constexpr int64_t kMiB = 1 << 20;
// What a program that is run may map (programs.h): restic's runtime maps far more than it uses.
[[maybe_unused]] constexpr int64_t kProgramMiB = 1024;

struct ReleaseFilter {
  void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, ReleaseFilter>;

// A deny-list: an allow-list would have to follow glibc, SQLite and every program on the list of
// those that may be run, and its first miss would be an `unknown` on somebody's host. What is here
// has no use in reading facts.
constexpr std::array kRefused = {
    // writes and changes to files
    SCMP_SYS(creat),
    SCMP_SYS(truncate),
    SCMP_SYS(ftruncate),
    SCMP_SYS(fallocate),
    SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat),
    SCMP_SYS(mknod),
    SCMP_SYS(mknodat),
    SCMP_SYS(rmdir),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
    SCMP_SYS(link),
    SCMP_SYS(linkat),
    SCMP_SYS(symlink),
    SCMP_SYS(symlinkat),
    SCMP_SYS(chmod),
    SCMP_SYS(fchmod),
    SCMP_SYS(fchmodat),
    SCMP_SYS(chown),
    SCMP_SYS(fchown),
    SCMP_SYS(lchown),
    SCMP_SYS(fchownat),
    SCMP_SYS(utime),
    SCMP_SYS(utimes),
    SCMP_SYS(utimensat),
    SCMP_SYS(futimesat),
    SCMP_SYS(setxattr),
    SCMP_SYS(lsetxattr),
    SCMP_SYS(fsetxattr),
    SCMP_SYS(removexattr),
    SCMP_SYS(lremovexattr),
    SCMP_SYS(fremovexattr),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(quotactl),
    SCMP_SYS(acct),
    // the tree of mounts, other processes, the kernel
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(fsopen),
    SCMP_SYS(fsmount),
    SCMP_SYS(fsconfig),
    SCMP_SYS(move_mount),
    SCMP_SYS(open_tree),
    SCMP_SYS(mount_setattr),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(kcmp),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(reboot),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(keyctl),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(syslog),
    SCMP_SYS(iopl),
    SCMP_SYS(ioperm),
    // clock, name, identity
    SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),
    SCMP_SYS(clock_adjtime),
    SCMP_SYS(adjtimex),
    SCMP_SYS(sethostname),
    SCMP_SYS(setdomainname),
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
bool RefuseWriting(void* filter) {
  for (const int mode : {O_WRONLY, O_RDWR}) {
    const scmp_arg_cmp second =
        SCMP_A1(SCMP_CMP_MASKED_EQ, O_ACCMODE, static_cast<scmp_datum_t>(mode));
    const scmp_arg_cmp third =
        SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE, static_cast<scmp_datum_t>(mode));
    if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(open), 1, second) != 0 ||
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(openat), 1, third) != 0) {
      return false;
    }
  }
  return true;
}

absl::Status FilterCalls(RootMode mode, bool run_programs) {
  const Filter filter(seccomp_init(SCMP_ACT_ALLOW));
  if (filter == nullptr) return absl::InternalError("seccomp: no filter");
  bool added = true;
  const auto refuse = [&](int call) {
    // A call that this architecture does not have needs no rule.
    if (call < 0) return;
    added = added && seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0) == 0;
  };
  for (const int call : kRefused) refuse(call);
  if (mode == RootMode::kDeadTree) {
    for (const int call : kSockets) refuse(call);
    for (const int call : kPrograms) {
      if (!run_programs) refuse(call);
    }
  }
  // Programs of the list open /dev/null and their own scratch for writing; without any there is
  // nothing to write.
  if (mode == RootMode::kDeadTree) added = added && RefuseWriting(filter.get());
  if (!added) return absl::InternalError("seccomp: a rule was refused");
  const int code = seccomp_load(filter.get());
  return code == 0 ? absl::OkStatus() : ErrnoStatus(-code, "seccomp");
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
