#include "checks/tables/pam_subjects.h"

namespace tom {
namespace {

constexpr int64_t kSecondsPerDay = 86400;

// A field that sends to shadow says nothing.
PasswordKind KindOf(const std::string& field) {
  if (field == "x" || field.starts_with("##")) return PasswordKind::kUnknown;
  const PasswordStatus status = PasswordStatusOf(field);
  if (status == PasswordStatus::kEmpty) return PasswordKind::kEmpty;
  return status == PasswordStatus::kActive ? PasswordKind::kSet : PasswordKind::kLocked;
}

}  // namespace

PamSubjects::PamSubjects(Env& env) : today_(env.Now() / kSecondsPerDay) {
  if (const auto passwd = env.ReadFile("/etc/passwd"); passwd.ok())
    entries_ = ParsePasswd(*passwd).entries;
  for (size_t i = 0; i < entries_.size(); ++i) by_name_.emplace(entries_[i].name, i);
  ReadShadow(env);
  ReadGroups(env);
}

void PamSubjects::ReadShadow(Env& env) {
  const auto text = env.ReadFile("/etc/shadow");
  shadow_absent_ = absl::IsNotFound(text.status());
  if (!text.ok()) return;
  const ShadowRecords file = ParseShadowRecords(*text);
  shadow_read_ = file.problems.empty();
  for (const ShadowRecord& record : file.entries) {
    shadow_.emplace(record.name,
                    PamShadow{KindOf(record.password), record.password.starts_with("!"),
                              record.last_change.value_or(-1), record.max.value_or(-1),
                              record.inactive.value_or(-1), record.expire.value_or(-1), false});
  }
}

void PamSubjects::ReadGroups(Env& env) {
  const auto text = env.ReadFile("/etc/group");
  if (!text.ok()) return;
  for (const GroupEntry& group : ParseGroup(*text).entries) {
    group_names_.emplace(group.gid, group.name);
    for (const std::string& member : group.members) groups_of_[member].push_back(group.name);
  }
}

PamSubject PamSubjects::Of(const std::string& user) const {
  PamSubject subject;
  subject.user = user;
  subject.today = today_;
  const auto found = by_name_.find(user);
  if (found == by_name_.end()) return subject;
  const PasswdEntry& entry = entries_[found->second];
  subject.local = true;
  subject.uid = entry.uid;
  subject.gid = entry.gid;
  subject.home = entry.directory;
  subject.shell = entry.shell;
  if (const auto groups = groups_of_.find(user); groups != groups_of_.end())
    subject.groups = groups->second;
  if (const auto own = group_names_.find(entry.gid); own != group_names_.end())
    subject.groups.push_back(own->second);
  subject.shadow.password = KindOf(entry.password);
  subject.shadow.locked_by_mark = entry.password.starts_with("!");
  if (entry.password != "x") return subject;
  subject.shadow.assumed = shadow_absent_;
  const auto shadow = shadow_.find(user);
  if (shadow != shadow_.end()) subject.shadow = shadow->second;
  // Nobody's password is right where shadow has no line for the account.
  if (shadow == shadow_.end() && shadow_read_) {
    subject.shadow.password = PasswordKind::kLocked;
    subject.shadow.missing = true;
  }
  return subject;
}

}  // namespace tom
