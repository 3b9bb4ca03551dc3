#include "agent/drill/worker_limits.h"

#include <cap-ng.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "agent/call_filter.h"
#include "checks/env/errno_status.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr rlim_t kMaxData = rlim_t{1} << 30;
constexpr rlim_t kMaxProcesses = 256;  // threads count too
constexpr rlim_t kMaxOpenFiles = 256;
constexpr int kNice = 10;

// Besides CallsOfTheHost.
constexpr std::array kRefused = {
    SCMP_SYS(name_to_handle_at),
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

// Succeed without doing anything: a restored file is the drill's user's, and has no attributes.
constexpr std::array kLost = {
    SCMP_SYS(chown),    SCMP_SYS(fchown),    SCMP_SYS(lchown),    SCMP_SYS(fchownat),
    SCMP_SYS(setxattr), SCMP_SYS(lsetxattr), SCMP_SYS(fsetxattr),
};

absl::Status FilterCalls() {
  CallFilter filter;
  filter.Refuse(CallsOfTheHost(), EPERM);
  filter.Refuse(kRefused, EPERM);
  filter.Refuse(NewerCalls(), ENOSYS);
  filter.Refuse(kLost, 0);
  // The same for these bits: who restores a mode is not to fail over one that is lost here.
  for (const scmp_datum_t bit : {S_ISUID, S_ISGID}) {
    filter.Refuse(SCMP_SYS(chmod), 0, {MaskedEqual(1, bit, bit)});
    filter.Refuse(SCMP_SYS(fchmod), 0, {MaskedEqual(1, bit, bit)});
    filter.Refuse(SCMP_SYS(fchmodat), 0, {MaskedEqual(2, bit, bit)});
  }
  // No user namespace either, in which it would have rights again. What clone3 asks for lies in
  // memory: glibc does without where there is none.
  filter.Refuse(SCMP_SYS(clone), EPERM, {MaskedEqual(0, CLONE_NEWUSER, CLONE_NEWUSER)});
  filter.Refuse(SCMP_SYS(clone3), ENOSYS);
  return filter.Load();
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
