#include "agent/call_filter.h"

#include <array>

#include "checks/env/errno_status.h"

namespace tom {
namespace {

constexpr std::array kOfTheHost = {
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
};

constexpr std::array kNewer = {
    452,  // fchmodat2, Linux 6.6
    463,  // setxattrat, 6.13
    466,  // removexattrat, 6.13
    467,  // open_tree_attr, 6.15
    469,  // file_setattr, 6.17
};

}  // namespace

std::span<const int> CallsOfTheHost() { return kOfTheHost; }

std::span<const int> NewerCalls() { return kNewer; }

CallFilter::CallFilter() : filter_(seccomp_init(SCMP_ACT_ALLOW)) {}

void CallFilter::Refuse(std::span<const int> calls, int error) {
  for (const int call : calls) Refuse(call, error);
}

void CallFilter::Refuse(int call, int error, std::initializer_list<scmp_arg_cmp> arguments) {
  if (call < 0 || filter_ == nullptr) return;
  const int code =
      seccomp_rule_add_array(filter_.get(), SCMP_ACT_ERRNO(static_cast<unsigned int>(error)), call,
                             static_cast<unsigned int>(arguments.size()), arguments.begin());
  whole_ = whole_ && code == 0;
}

absl::Status CallFilter::Load() {
  if (filter_ == nullptr) return absl::InternalError("seccomp: no filter");
  if (!whole_) return absl::InternalError("seccomp: a rule was refused");
  const int code = seccomp_load(filter_.get());
  return code == 0 ? absl::OkStatus() : ErrnoStatus(-code, "seccomp");
}

}  // namespace tom
