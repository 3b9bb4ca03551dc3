// What looking into a backup found out, kept for the next look (env_memory.h), so that what has not
// changed is not read again every hour.
#ifndef TOM_CHECKS_TABLES_BACKUP_MEMORY_H_
#define TOM_CHECKS_TABLES_BACKUP_MEMORY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "checks/env/env.h"
#include "checks/tables/backup_store.h"

namespace tom {

// Disks go wrong by themselves: what was read through is read again after this time, and at once
// when it had not been whole.
inline constexpr int64_t kVerifiedForSeconds = 20 * kHour;

// Of names, sizes, times and inodes of all files.
std::string FingerprintOf(const std::vector<StoredFile>& files);

// True: the same files were found whole not long ago.
bool WasVerified(Env& env, const std::string& what, const std::string& fingerprint);
// The same, and what was noted then: one line.
std::optional<std::string> VerifiedNote(Env& env, const std::string& what,
                                        const std::string& fingerprint);
void KeepVerified(Env& env, const std::string& what, const std::string& fingerprint,
                  const std::string& note = "");

// Sizes of what never changes under its id.
std::optional<int64_t> KnownSize(Env& env, const std::string& id);
void KeepSize(Env& env, const std::string& id, int64_t bytes);

// Which of `wanted` a copy holds; `question` names the copy and all of `wanted`.
std::optional<std::vector<std::string>> KnownHeld(Env& env, const std::string& question,
                                                  const std::vector<std::string>& wanted);
void KeepHeld(Env& env, const std::string& question, const std::vector<std::string>& wanted,
              const std::vector<std::string>& held);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_BACKUP_MEMORY_H_
