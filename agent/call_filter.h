// Refusing system calls to this process and its children: seccomp(2) through libseccomp.
#ifndef TOM_AGENT_CALL_FILTER_H_
#define TOM_AGENT_CALL_FILTER_H_

#include <seccomp.h>

#include <initializer_list>
#include <memory>
#include <span>

#include "absl/status/status.h"

namespace tom {

// What neither reading facts nor restoring a sample needs: the tree of mounts, namespaces, other
// processes, modules, keys, the clock, the host's name, swap.
std::span<const int> CallsOfTheHost();

// Calls that change modes and attributes, or mount, of kernels newer than libseccomp's names (their
// numbers are the same on every architecture: asm-generic/unistd.h). Answered with ENOSYS, as an
// older kernel would: the caller then uses the call whose name is known.
std::span<const int> NewerCalls();

// Argument `index` (from 0) has, of the bits of `mask`, just those of `value`.
constexpr scmp_arg_cmp MaskedEqual(unsigned int index, scmp_datum_t mask, scmp_datum_t value) {
  return {index, SCMP_CMP_MASKED_EQ, mask, value};
}

// All is allowed but what is refused. Whatever fails on the way is said by Load. Not thread-safe.
class CallFilter {
 public:
  CallFilter();

  // Answered with `error` (errno(3)), 0 for a success that does nothing. A call that this
  // architecture does not have needs no rule. With `arguments`: only where all of them match.
  void Refuse(std::span<const int> calls, int error);
  void Refuse(int call, int error, std::initializer_list<scmp_arg_cmp> arguments = {});

  // From here on, for good. REQUIRES: no_new_privs, or the right to do without.
  absl::Status Load();

 private:
  struct Release {
    void operator()(void* filter) const { seccomp_release(filter); }
  };
  std::unique_ptr<void, Release> filter_;
  bool whole_ = true;
};

}  // namespace tom

#endif  // TOM_AGENT_CALL_FILTER_H_
