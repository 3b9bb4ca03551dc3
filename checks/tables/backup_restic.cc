#include <algorithm>
#include <tuple>

#include "absl/strings/str_replace.h"
#include "checks/engine/clean_text.h"
#include "checks/parse/json_tree.h"
#include "checks/tables/backup_held.h"
#include "checks/tables/backup_kinds.h"
#include "checks/tables/backup_memory.h"
#include "checks/tables/backup_store.h"
#include "checks/tables/touch_lists.h"
#include "evidence/digest.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kRepositoryFd[] = "/proc/self/fd/3";
constexpr char kPasswordFd[] = "/proc/self/fd/4";
constexpr char kMissing[] = ": does not exist";
constexpr int64_t kDeadlineMs = 20000;
constexpr size_t kHashedAtOnce = 4 << 20;
constexpr size_t kSizedSnapshots = 3;
constexpr size_t kMaxListing = 16 << 20;

// Of the second: ".761325372" is 761325372.
int64_t Nanoseconds(std::string_view text) {
  int64_t nanos = 0;
  const bool fraction = text.size() > 20 && text[19] == '.';
  for (size_t i = 20; i < 29; ++i) {
    const bool digit = fraction && i < text.size() && text[i] >= '0' && text[i] <= '9';
    if (fraction && !digit) text = text.substr(0, i);
    nanos = nanos * 10 + (digit ? text[i] - '0' : 0);
  }
  return nanos;
}

// RFC 3339 with a fraction and any offset, as Go writes it.
absl::StatusOr<UnixSeconds> ParseGoTime(std::string_view text) {
  if (text.size() < 20) return BadData("a snapshot without a time");
  TOM_ASSIGN_OR_RETURN(const UnixSeconds local, ParseUtc(std::string(text.substr(0, 19)) + "Z"));
  size_t at = 19;
  if (text[at] == '.') at = std::min(text.find_first_not_of("0123456789", at + 1), text.size());
  const std::string_view zone = text.substr(at);
  if (zone == "Z") return local;
  const auto digit = [&](size_t i) {
    return zone[i] >= '0' && zone[i] <= '9' ? zone[i] - '0' : 100;
  };
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':')
    return BadData("a snapshot's time has no zone");
  const int hours = digit(1) * 10 + digit(2);
  const int minutes = digit(4) * 10 + digit(5);
  if (hours > 24 || minutes > 59) return BadData("a snapshot's time has no zone");
  const int64_t offset = (hours * 60 + minutes) * 60;
  return zone[0] == '+' ? local - offset : local + offset;
}

absl::StatusOr<BackupSnapshot> ReadSnapshot(const JsonNode& node) {
  BackupSnapshot snapshot;
  snapshot.id = std::string(node.Text("id"));
  if (snapshot.id.empty()) return BadData("restic names a snapshot without an id");
  TOM_ASSIGN_OR_RETURN(snapshot.time, ParseGoTime(node.Text("time")));
  snapshot.nanos = Nanoseconds(node.Text("time"));
  snapshot.format = "restic";
  snapshot.encrypted = true;  // there is no other repository
  if (const JsonNode* paths = node.Find("paths"); paths != nullptr && paths->IsArray()) {
    for (const JsonNode& path : paths->items) {
      if (path.IsString()) snapshot.paths.push_back(path.text);
    }
  }
  return snapshot;
}

}  // namespace

absl::StatusOr<BackupContent> ParseResticSnapshots(std::string_view json) {
  TOM_ASSIGN_OR_RETURN(const JsonNode tree, ParseJsonTree(json));
  BackupContent content;
  if (tree.kind == JsonNode::Kind::kNull) return content;  // an empty repository
  if (!tree.IsArray()) return BadData("restic's answer is no list");
  for (const JsonNode& node : tree.items) {
    TOM_ASSIGN_OR_RETURN(BackupSnapshot snapshot, ReadSnapshot(node));
    content.snapshots.push_back(std::move(snapshot));
  }
  content.found = static_cast<int64_t>(content.snapshots.size());
  std::stable_sort(content.snapshots.begin(), content.snapshots.end(),
                   [](const BackupSnapshot& a, const BackupSnapshot& b) {
                     return std::tie(a.time, a.nanos) > std::tie(b.time, b.nanos);
                   });
  if (content.snapshots.size() > kMaxListedSnapshots) content.snapshots.resize(kMaxListedSnapshots);
  return content;
}

std::vector<Touch> ResticTouches(const DeclaredBackup& backup) {
  const std::string purpose = "backup " + backup.name;
  std::vector<Touch> touches = TreeTouches(backup.repository, purpose);
  Append(touches, PathTouches(backup.password_file, purpose));
  touches.push_back({TouchKind::kProgram, "/usr/bin/restic", purpose});
  Append(touches, ProgramsFiles({"/proc/self/**", "/sys/kernel/mm/**", "/dev/null",
                                 "/etc/localtime", "/etc/machine-id", "/usr/share/zoneinfo/**"},
                                "restic"));
  return touches;
}

namespace {

// Everything but `config` is named by its content; what has another name is no part of it.
absl::Status HoldAgainstNames(Env& env, const std::vector<StoredFile>& files) {
  uint64_t total = 0;
  for (const StoredFile& file : files) total += file.size;
  if (total > kMaxVerifiedBytes)
    return absl::ResourceExhaustedError(ToAbsl(TooLargeToVerify(total)));
  const int64_t deadline = env.MonotonicMs() + kMaxVerifyMs;
  for (const StoredFile& file : files) {
    const std::string name = file.path.substr(file.path.rfind('/') + 1);
    if (!IsLowerHex(name, 64)) continue;
    if (file.path.find("/locks/") != std::string::npos) continue;
    Sha256Stream hash;
    for (uint64_t at = 0; at < file.size;) {
      if (env.MonotonicMs() > deadline) {
        return absl::ResourceExhaustedError("reading it through took too long");
      }
      TOM_ASSIGN_OR_RETURN(const std::string part, env.ReadRange(file.path, at, kHashedAtOnce));
      if (part.empty()) break;
      hash.Add(part);
      at += part.size();
    }
    if (hash.Finish().Hex() != name) {
      return absl::DataLossError(ToAbsl(file.path + ": its content is not what it is named after"));
    }
  }
  return absl::OkStatus();
}

ProgramRequest ResticRequest(const DeclaredBackup& backup, const char* command, bool json) {
  // By descriptors, so that in another root no link on the way leads restic out of it.
  ProgramRequest request{.path = "/usr/bin/restic",
                         .arguments = {command, "--no-lock", "--no-cache", "-r", kRepositoryFd},
                         .environment = {std::string("RESTIC_PASSWORD_FILE=") + kPasswordFd},
                         .deadline_ms = kDeadlineMs,
                         .opened = {backup.repository, backup.password_file}};
  if (json) request.arguments.insert(request.arguments.begin() + 1, "--json");
  return request;
}

absl::StatusOr<ProgramResult> RunRestic(Env& env, const DeclaredBackup& backup, const char* command,
                                        bool json, const std::string& operand = "",
                                        const std::string& enough = "") {
  ProgramRequest request = ResticRequest(backup, command, json);
  request.enough = enough;
  if (!operand.empty()) request.arguments.insert(request.arguments.end(), {"--", operand});
  return env.RunProgram(request);
}

std::string FirstWords(const DeclaredBackup& backup, const std::string& error) {
  const std::string first = absl::StrReplaceAll(
      error.substr(0, error.find('\n')),
      {{kRepositoryFd, ToAbsl(backup.repository)}, {kPasswordFd, ToAbsl(backup.password_file)}});
  return CleanText(first, 200);
}

// Of all files that a snapshot holds. Asked once for each of the newest: a snapshot never changes.
void FindSizes(Env& env, const DeclaredBackup& backup, int64_t until_ms, BackupContent& content) {
  for (size_t i = 0; i < std::min(content.snapshots.size(), kSizedSnapshots); ++i) {
    BackupSnapshot& one = content.snapshots[i];
    if (!IsLowerHex(one.id, 64)) return;
    one.size_bytes = KnownSize(env, one.id);
    if (one.size_bytes) continue;
    if (env.MonotonicMs() >= until_ms) return;
    const auto result = RunRestic(env, backup, "stats", true, one.id);
    if (!result.ok() || result->exit_status != 0) return;
    const auto tree = ParseJsonTree(result->output);
    const JsonNode* size = tree.ok() ? tree->Find("total_size") : nullptr;
    if (size == nullptr || !size->IsInteger() || size->integer < 0) return;
    one.size_bytes = size->integer;
    KeepSize(env, one.id, size->integer);
  }
}

// What a run of `restic ls` tells of the newest snapshot: the folders asked about, and what is
// directly in them. A snapshot's own list of paths does not say what was left out below them.
absl::StatusOr<std::vector<std::string>> AskWhatIsHeld(Env& env, const DeclaredBackup& backup,
                                                       const std::string& id,
                                                       const std::vector<std::string>& wanted) {
  ProgramRequest request = ResticRequest(backup, "ls", true);
  request.max_output_bytes = kMaxListing;
  request.arguments.insert(request.arguments.end(), {"--", id});
  request.arguments.insert(request.arguments.end(), wanted.begin(), wanted.end());
  TOM_ASSIGN_OR_RETURN(const ProgramResult result, env.RunProgram(request));
  if (result.exit_status != 0) return absl::UnavailableError("restic ls");
  HeldPaths held(env, wanted);
  std::string_view rest = result.output;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty()) continue;
    TOM_ASSIGN_OR_RETURN(const JsonNode node, ParseJsonTree(line));
    if (node.Find("path") == nullptr) continue;  // of the snapshot itself
    const std::string_view type = node.Text("type");
    held.Take({std::string(node.Text("path")), type == "dir", type == "symlink"});
  }
  return held.HeldByWholeNames();
}

// Of the newest one. Asked once: neither a snapshot nor what is declared changes.
void FindHeld(Env& env, const DeclaredBackup& backup, const Declared& declared, int64_t until_ms,
              BackupSnapshot& newest) {
  std::vector<std::string> wanted = PathsToHold(backup, declared);
  wanted.erase(std::remove_if(wanted.begin(), wanted.end(),
                              [&](const std::string& path) {
                                return std::none_of(
                                    newest.paths.begin(), newest.paths.end(),
                                    [&](const std::string& top) { return LiesBelow(path, top); });
                              }),
               wanted.end());
  newest.paths.clear();
  newest.tells_paths = wanted.empty();
  if (wanted.empty() || !IsLowerHex(newest.id, 64)) return;
  std::string question = newest.id;
  for (const std::string& path : wanted) question.append(1, '\0').append(path);
  if (const auto known = KnownHeld(env, question, wanted)) {
    newest.paths = *known;
    newest.tells_paths = true;
    return;
  }
  if (env.MonotonicMs() >= until_ms) return;
  auto held = AskWhatIsHeld(env, backup, newest.id, wanted);
  if (!held.ok()) return;
  KeepHeld(env, question, wanted, *held);
  newest.paths = *std::move(held);
  newest.tells_paths = true;
}

// Whether all that the snapshots need is there: OK, DataLoss, or why that is not known.
absl::Status CheckStructure(Env& env, const DeclaredBackup& backup) {
  // "pack …: does not exist" is said at once; what restic then tries to read of it, again and again
  // for a quarter of an hour.
  TOM_ASSIGN_OR_RETURN(const ProgramResult result,
                       RunRestic(env, backup, "check", false, "", kMissing));
  if (result.exit_status == 0 && result.output.find("no errors were found") != std::string::npos) {
    return absl::OkStatus();
  }
  const std::string words = "restic check: " + FirstWords(backup, result.error);
  const bool wrong = result.error.find("repository contains errors") != std::string::npos ||
                     result.error.find(kMissing) != std::string::npos;
  return wrong ? absl::DataLossError(ToAbsl(words)) : absl::UnavailableError(ToAbsl(words));
}

}  // namespace

absl::StatusOr<BackupContent> ExamineRestic(Env& env, const DeclaredBackup& backup,
                                            const Declared& declared, int64_t costly_until_ms) {
  TOM_RETURN_IF_ERROR(CheckStorePath(backup.repository, "repository"));
  TOM_RETURN_IF_ERROR(CheckStorePath(backup.password_file, "password_file"));
  TOM_ASSIGN_OR_RETURN(const FileInfo password, env.Stat(backup.password_file));
  if (password.kind != FileKind::kRegular) {
    return absl::FailedPreconditionError(ToAbsl(backup.password_file + ": no regular file"));
  }
  TOM_ASSIGN_OR_RETURN(const std::vector<StoredFile> files, WalkStore(env, backup.repository));
  TOM_ASSIGN_OR_RETURN(const ProgramResult result, RunRestic(env, backup, "snapshots", true));
  const bool unlocked = result.error.find("wrong password") == std::string::npos;
  const std::string fingerprint = FingerprintOf(files);
  const bool known = WasVerified(env, backup.repository, fingerprint);
  absl::Status sound = unlocked ? absl::OkStatus() : absl::PermissionDeniedError("wrong password");
  const bool time_left = env.MonotonicMs() < costly_until_ms;
  if (unlocked && !known) {
    sound = time_left ? HoldAgainstNames(env, files)
                      : absl::UnavailableError("no time was left to read it through in this look");
  }
  if (result.exit_status != 0) {
    if (absl::IsDataLoss(sound)) return sound;
    return absl::UnavailableError(ToAbsl("restic ended with " + std::to_string(result.exit_status) +
                                         ": " + FirstWords(backup, result.error)));
  }
  TOM_ASSIGN_OR_RETURN(BackupContent content, ParseResticSnapshots(result.output));
  if (content.snapshots.empty()) {
    const bool kept = std::any_of(files.begin(), files.end(), [](const StoredFile& file) {
      return file.path.find("/snapshots/") != std::string::npos;
    });
    if (!kept || absl::IsDataLoss(sound))
      return kept ? absl::StatusOr<BackupContent>(sound) : content;
    return absl::UnavailableError("restic lists none of the snapshots that are kept");
  }
  if (sound.ok() && !known) sound = CheckStructure(env, backup);
  if (sound.ok() && !known) KeepVerified(env, backup.repository, fingerprint);
  if (!absl::IsDataLoss(sound)) FindSizes(env, backup, costly_until_ms, content);
  BackupSnapshot& newest = content.snapshots[0];
  FindHeld(env, backup, declared, costly_until_ms, newest);
  if (sound.ok() || absl::IsDataLoss(sound)) newest.complete = sound.ok();
  newest.doubt = std::string(sound.message());
  return content;
}

}  // namespace tom
