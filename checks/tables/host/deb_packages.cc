// Packages that dpkg knows, whatever state they are in.
#include <charconv>

#include "checks/engine/table.h"
#include "checks/parse/deb_version.h"
#include "checks/tables/dpkg_state.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kDpkg[] = "/usr/bin/dpkg";

Value Number(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool good = error == std::errc() && end == text.data() + text.size();
  return good ? Value(number) : Value();
}

std::string Text(const DebStanza& package, const char* field) {
  return std::string(package.Field(field));
}

bool AddPackage(const DebStanza& package, RowSink& sink) {
  const std::string state = DpkgState(package);
  return sink.Add({{"name", Text(package, "package")},
                   {"version", Text(package, "version")},
                   {"source", Text(package, "source")},
                   {"size", Number(package.Field("installed-size"))},
                   {"arch", Text(package, "architecture")},
                   {"revision", std::string(DebRevision(package.Field("version")))},
                   {"status", Text(package, "status")},
                   {"maintainer", Text(package, "maintainer")},
                   {"section", Text(package, "section")},
                   {"priority", Text(package, "priority")},
                   {"admindir", std::string(kDpkgFolder)},
                   {"state", state.empty() ? Value() : Value(state)},
                   {"held", int64_t{package.Field("status").starts_with("hold ")}}});
}

absl::Status GeneratePackages(Env& env, const TableContext&, RowSink& sink) {
  const auto packages = ReadDpkgStatus(env, sink);
  if (absl::IsNotFound(packages.status()) && absl::IsNotFound(env.Lstat(kDpkg).status()))
    return absl::OkStatus();  // a system of other packages
  if (!packages.ok()) return packages.status();
  for (const DebStanza& package : *packages) {
    if (!AddPackage(package, sink)) break;
  }
  return absl::OkStatus();
}

}  // namespace

Table deb_packages_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  std::vector<Touch> touches = DpkgTouches();
  touches.push_back({TouchKind::kFile, kDpkg, "whether packages are dpkg's"});
  return {
      .name = "deb_packages",
      .description = "Packages of dpkg",
      .columns = {{.name = "name", .description = "Name"},
                  {.name = "version", .description = "Version"},
                  {.name = "source", .description = "Source package, where its name differs"},
                  {.name = "size", .type = ColumnType::kBigint, .description = "KiB on the disk"},
                  {.name = "arch", .description = "Architecture"},
                  {.name = "revision", .description = "Debian's part of the version"},
                  {.name = "status", .description = "What is wanted, error, what is"},
                  {.name = "maintainer", .description = "Maintainer of the package"},
                  {.name = "section", .description = "Section"},
                  {.name = "priority", .description = "Priority"},
                  {.name = "admindir", .description = "Folder of dpkg's files"},
                  {.name = "state",
                   .description = "installed, config-files, half-configured, …",
                   .hidden = true},
                  {.name = "held",
                   .type = kInt,
                   .description = "1: it is not to be updated",
                   .hidden = true}},
      .generate = GeneratePackages,
      .touches = [touches](Env&, const Declared&) { return touches; }};
}

}  // namespace tom
