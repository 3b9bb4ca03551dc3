// The operating system, as os-release(5) says: /etc/os-release, else /usr/lib/os-release. Debian
// keeps the point release in /etc/debian_version alone.
#include "checks/engine/table.h"
#include "checks/parse/os_release.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxBytes = 64 << 10;
constexpr const char* kFiles[] = {"/etc/os-release", "/usr/lib/os-release"};

struct Source {
  std::string path;
  OsRelease release;
};

absl::StatusOr<Source> ReadRelease(Env& env) {
  absl::Status first;
  for (const char* path : kFiles) {
    const auto text = env.ReadFile(path, kMaxBytes);
    if (text.ok()) return Source{path, ParseOsRelease(*text)};
    if (first.ok()) first = text.status();
    if (!absl::IsNotFound(text.status())) break;  // the first one counts, even when unreadable
  }
  return first;
}

// The first line of a small file; NULL where there is none.
Value FirstLine(Env& env, const char* path, RowSink& sink) {
  const auto text = env.ReadFile(path, 4 << 10);
  if (absl::IsNotFound(text.status())) return Value();
  if (!text.ok()) {
    sink.Incomplete(std::string(text.status().message()));
    return Value();
  }
  const std::string line = text->substr(0, text->find_first_of("\r\n"));
  if (line.find('\0') == std::string::npos && !line.empty()) return line;
  sink.Incomplete(std::string(path) + ": the first line is no text");
  return Value();
}

Value Text(const OsRelease& release, const char* name) {
  const auto found = release.fields.find(name);
  return found == release.fields.end() ? Value() : Value(found->second);
}

// VERSION_ID, made finer by debian_version where that goes on from it ("12" and "12.5").
VersionNumbers NumbersOf(const OsRelease& release, const Value& debian) {
  VersionNumbers numbers = ParseVersionNumbers(ValueText(Text(release, "VERSION_ID")));
  const VersionNumbers finer = ParseVersionNumbers(ValueText(debian));
  const bool is_debian = ValueText(Text(release, "ID")) == "debian";
  if (is_debian && !numbers.minor && numbers.major && finer.major == numbers.major) return finer;
  return numbers;
}

absl::Status GenerateOsVersion(Env& env, const TableContext&, RowSink& sink) {
  TOM_ASSIGN_OR_RETURN(const Source source, ReadRelease(env));
  const OsRelease& release = source.release;
  for (const std::string& problem : release.problems) sink.Incomplete(source.path + " " + problem);
  const Value debian = FirstLine(env, "/etc/debian_version", sink);
  const VersionNumbers numbers = NumbersOf(release, debian);
  sink.Add({{"name", Text(release, "NAME")},
            {"version", Text(release, "VERSION")},
            {"major", NumberOrNull(numbers.major)},
            {"minor", NumberOrNull(numbers.minor)},
            {"patch", NumberOrNull(numbers.patch)},
            {"build", Text(release, "BUILD_ID")},
            {"platform", Text(release, "ID")},
            {"platform_like", Text(release, "ID_LIKE")},
            {"codename", Text(release, "VERSION_CODENAME")},
            {"arch", FirstLine(env, "/proc/sys/kernel/arch", sink)},
            {"debian_version", debian},
            {"support_end", Text(release, "SUPPORT_END")},
            {"source", source.path}});
  return absl::OkStatus();
}

}  // namespace

Table os_version_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {
      .name = "os_version",
      .description = "The operating system and its version",
      .columns = {{.name = "name", .description = "NAME"},
                  {.name = "version", .description = "VERSION, for people to read"},
                  {.name = "major", .type = kInt, .description = "First number of VERSION_ID"},
                  {.name = "minor", .type = kInt, .description = "Second number"},
                  {.name = "patch", .type = kInt, .description = "Third number"},
                  {.name = "build", .description = "BUILD_ID"},
                  {.name = "platform", .description = "ID"},
                  {.name = "platform_like", .description = "ID_LIKE"},
                  {.name = "codename", .description = "VERSION_CODENAME"},
                  {.name = "arch", .description = "The running kernel's (Linux 6.1 and newer)"},
                  {.name = "debian_version", .description = "/etc/debian_version", .hidden = true},
                  {.name = "support_end", .description = "SUPPORT_END, YYYY-MM-DD", .hidden = true},
                  {.name = "source", .description = "File that was read", .hidden = true}},
      .generate = GenerateOsVersion,
      .touches = [](Env&, const Declared&) {
        return FileTouches({kFiles[0], kFiles[1], "/etc/debian_version", "/proc/sys/kernel/arch"},
                           "the operating system");
      }};
}

}  // namespace tom
