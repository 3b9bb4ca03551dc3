#include "agent/drill/worker_limits.h"

#include <cap-ng.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "checks/env/errno_status.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr rlim_t kMaxData = rlim_t{1} << 30;
constexpr rlim_t kMaxProcesses = 256;  // threads count too
constexpr rlim_t kMaxOpenFiles = 256;
constexpr int kNice = 10;

struct ReleaseFilter {
  void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, ReleaseFilter>;

constexpr std::array kRefused = {
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
    SCMP_SYS(mknod),
    SCMP_SYS(mknodat),
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
    SCMP_SYS(name_to_handle_at),
    SCMP_SYS(syslog),
    SCMP_SYS(iopl),
    SCMP_SYS(ioperm),
    SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),
    SCMP_SYS(clock_adjtime),
    SCMP_SYS(adjtimex),
    SCMP_SYS(sethostname),
    SCMP_SYS(setdomainname),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(acct),
    SCMP_SYS(quotactl),
    SCMP_SYS(socket),
    SCMP_SYS(socketpair),
};

absl::Status Limit(int resource, rlim_t value) {
  rlimit limit{};
  if (getrlimit(resource, &limit) == 0 && limit.rlim_max < value) value = limit.rlim_max;
  limit = {value, value};
  return setrlimit(resource, &limit) == 0 ? absl::OkStatus() : ErrnoStatus(errno, "setrlimit");
}

absl::Status LimitResources(const WorkerLimits& limits) {
  TOM_RETURN_IF_ERROR(Limit(RLIMIT_CORE, 0));
  TOM_RETURN_IF_ERROR(Limit(RLIMIT_NOFILE, kMaxOpenFiles));
  TOM_RETURN_IF_ERROR(Limit(RLIMIT_NPROC, kMaxProcesses));
  TOM_RETURN_IF_ERROR(Limit(RLIMIT_MSGQUEUE, 0));
  TOM_RETURN_IF_ERROR(Limit(RLIMIT_MEMLOCK, 0));
  TOM_RETURN_IF_ERROR(Limit(RLIMIT_FSIZE, static_cast<rlim_t>(limits.file_bytes)));
  TOM_RETURN_IF_ERROR(Limit(RLIMIT_CPU, static_cast<rlim_t>(limits.cpu_seconds)));
#ifndef __SANITIZE_ADDRESS__  // whose shadow memory is data too
  TOM_RETURN_IF_ERROR(Limit(RLIMIT_DATA, kMaxData));
#endif
  setpriority(PRIO_PROCESS, 0, kNice);
  return absl::OkStatus();
}

// User, groups and capabilities in one step: also out of the bounding set, so that nothing that is
// executed can gain any.
absl::Status BecomeUser(const WorkerLimits& limits) {
  if (limits.uid == 0 || limits.gid == 0) return absl::InternalError("a worker is never root");
  capng_clear(CAPNG_SELECT_ALL);
  if (limits.reads_all) {
    constexpr auto kKept =
        static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE);
    capng_update(CAPNG_ADD, kKept, CAP_DAC_READ_SEARCH);
  }
  const auto flags = static_cast<capng_flags_t>(CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING);
  if (const int code =
          capng_change_id(static_cast<int>(limits.uid), static_cast<int>(limits.gid), flags);
      code != 0) {
    return absl::InternalError("the drill's user cannot be become");
  }
  if (limits.reads_all &&
      prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH, 0, 0) != 0) {
    return ErrnoStatus(errno, "ambient capability");
  }
  if (getuid() != limits.uid || geteuid() != limits.uid || getgid() != limits.gid ||
      getgroups(0, nullptr) != 0 || setuid(0) == 0) {
    return absl::InternalError("the drill's user was not become");
  }
  return absl::OkStatus();
}

// Succeeds without doing anything: who restores a mode is not to fail over a bit that is lost here.
bool LoseBit(void* filter, int call, unsigned int argument, scmp_datum_t bit) {
  const scmp_arg_cmp set = SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, bit, bit);
  return call < 0 || seccomp_rule_add(filter, SCMP_ACT_ERRNO(0), call, 1, set) == 0;
}

// The same for owners and attributes: a restored file is the drill's user's, and has none.
constexpr std::array kLost = {
    SCMP_SYS(chown),    SCMP_SYS(fchown),    SCMP_SYS(lchown),    SCMP_SYS(fchownat),
    SCMP_SYS(setxattr), SCMP_SYS(lsetxattr), SCMP_SYS(fsetxattr),
};

absl::Status FilterCalls() {
  const Filter filter(seccomp_init(SCMP_ACT_ALLOW));
  if (filter == nullptr) return absl::InternalError("seccomp: no filter");
  bool added = true;
  for (const int call : kRefused) {
    if (call < 0) continue;  // not of this architecture
    added = added && seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0) == 0;
  }
  for (const int call : kLost) {
    if (call < 0) continue;
    added = added && seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(0), call, 0) == 0;
  }
  for (const scmp_datum_t bit : {S_ISUID, S_ISGID}) {
    added = added && LoseBit(filter.get(), SCMP_SYS(chmod), 1, bit) &&
            LoseBit(filter.get(), SCMP_SYS(fchmod), 1, bit) &&
            LoseBit(filter.get(), SCMP_SYS(fchmodat), 2, bit);
  }
  // No user namespace either, in which it would have rights again. What clone3 asks for lies in
  // memory: glibc does without where there is none.
  const scmp_arg_cmp user = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER);
  added = added &&
          seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, user) == 0 &&
          seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
  if (!added) return absl::InternalError("seccomp: a rule was refused");
  const int code = seccomp_load(filter.get());
  return code == 0 ? absl::OkStatus() : ErrnoStatus(-code, "seccomp");
}

}  // namespace

absl::Status LimitWorker(const WorkerLimits& limits) {
  umask(077);
  TOM_RETURN_IF_ERROR(LimitResources(limits));
  TOM_RETURN_IF_ERROR(BecomeUser(limits));
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return ErrnoStatus(errno, "no_new_privs");
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  return FilterCalls();
}

}  // namespace tom
