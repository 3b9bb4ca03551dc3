// Whatever the bytes: passwd, group, shadow, wtmp and the files of /proc give bounded values, and
// no hash is taken for a lock or the other way round.
#include "checks/parse/account_lines.h"
#include "checks/parse/general_time.h"
#include "checks/parse/proc_process.h"
#include "checks/parse/utmp_records.h"
#include "evidence/digest.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  for (const PasswdEntry& user : ParsePasswd(input).entries) {
    TOM_FUZZ_CHECK(!user.name.empty() && user.uid >= 0 && user.uid <= 0xffffffff);
  }
  for (const GroupEntry& group : ParseGroup(input).entries) {
    for (const std::string& member : group.members) TOM_FUZZ_CHECK(!member.empty());
  }
  for (const ShadowRecord& one : ParseShadowRecords(input).entries) {
    const PasswordStatus status = PasswordStatusOf(one.password);
    TOM_FUZZ_CHECK((status == PasswordStatus::kEmpty) == one.password.empty());
    TOM_FUZZ_CHECK(HashMethod(one.password).size() < one.password.size() + 5);
    TOM_FUZZ_CHECK(one.max.value_or(0) >= 0);
  }
  const UtmpRecords logins = ParseUtmp(input);
  TOM_FUZZ_CHECK(logins.records.size() == input.size() / kUtmpRecordBytes);
  for (const UtmpRecord& one : logins.records) {
    TOM_FUZZ_CHECK(IsUtf8(one.user) && IsUtf8(one.line) && IsUtf8(one.host) && one.time >= 0);
    TOM_FUZZ_CHECK(!UtmpTypeName(one.type).empty());
  }
  ParseProcStat(input);
  ParseProcStatus(input);
  ProcNumber(input, "read_bytes");
  ParseGeneralTime(input);
}
