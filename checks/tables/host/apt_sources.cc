// Where apt gets packages from, one row for each kind, place and suite, with what the fetched
// release says of itself and how it is believed.
#include "checks/engine/table.h"
#include "checks/tables/apt_state.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

std::string Option(const AptSource& source, const char* name) {
  const auto found = source.options.find(name);
  return found == source.options.end() ? "" : found->second;
}

// Options that switch the signature off, or parts of it.
int64_t Trusted(const AptSource& source) {
  for (const char* name :
       {"trusted", "allow-insecure", "allow-weak", "allow-downgrade-to-insecure"}) {
    const std::string value = Option(source, name);
    if (value == "yes" || value == "true" || value == "1" || value == "on" || value == "with" ||
        value == "enable") {
      return 1;
    }
  }
  return 0;
}

std::string Name(const AptSource& source) {
  std::vector<std::string> words = {source.uri, source.suite};
  words.insert(words.end(), source.components.begin(), source.components.end());
  return JoinWords(words);
}

bool AddSource(const AptRepository& one, RowSink& sink) {
  const AptSource& source = one.source;
  const std::string components = JoinWords(source.components);
  const AptRelease& release = one.release;
  const bool fetched = release.found;
  std::string signed_by = Option(source, "signed-by");
  if (signed_by.find("BEGIN PGP") != std::string::npos) signed_by = "(key in the file)";
  return sink.Add({{"name", Name(source)},
                   {"source", one.file},
                   {"base_uri", source.uri},
                   {"release", source.suite},
                   {"version", release.version},
                   {"maintainer", release.origin},
                   {"components", components},
                   {"architectures", Option(source, "arch")},
                   {"type", source.type},
                   {"enabled", int64_t{source.enabled}},
                   {"signed_by", signed_by},
                   {"unsigned_allowed", Trusted(source)},
                   {"label", release.label},
                   {"suite", release.suite},
                   {"codename", release.codename},
                   {"fetched", int64_t{fetched}},
                   {"has_signature", fetched ? Value(int64_t{release.has_signature}) : Value()},
                   {"lists_missing", int64_t{one.lists_missing}},
                   {"security", fetched ? Value(int64_t{one.security}) : Value()},
                   {"release_date", NumberOrNull(release.date)},
                   {"expires", fetched ? Value(int64_t{release.valid_until.has_value()}) : Value()},
                   {"valid_until", NumberOrNull(release.valid_until)}});
}

absl::Status GenerateSources(Env& env, const TableContext&, RowSink& sink) {
  ConfigFiles files(env);
  const std::vector<AptRepository> all = LoadAptRepositories(files);
  for (const std::string& problem : files.problems()) sink.Incomplete(problem);
  for (const AptRepository& one : all) {
    if (!AddSource(one, sink)) break;
  }
  return absl::OkStatus();
}

std::vector<Column> Columns() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  constexpr ColumnType kBig = ColumnType::kBigint;
  return {
      {.name = "name", .description = "Place, suite and components"},
      {.name = "source", .description = "File that it stands in"},
      {.name = "base_uri", .description = "Place"},
      {.name = "release", .description = "Suite, as configured"},
      {.name = "version", .description = "Version of the fetched release"},
      {.name = "maintainer", .description = "Origin of the fetched release"},
      {.name = "components", .description = "With blanks"},
      {.name = "architectures", .description = "That it is restricted to"},
      {.name = "type", .description = "deb or deb-src", .hidden = true},
      {.name = "enabled", .type = kInt, .description = "0: switched off", .hidden = true},
      {.name = "signed_by", .description = "Key that has to sign it", .hidden = true},
      {.name = "unsigned_allowed",
       .type = kInt,
       .description = "1: an option lets it go without a good signature",
       .hidden = true},
      {.name = "label", .description = "Label of the fetched release", .hidden = true},
      {.name = "suite", .description = "Suite of the fetched release", .hidden = true},
      {.name = "codename", .description = "Its codename", .hidden = true},
      {.name = "fetched", .type = kInt, .description = "1: apt has its release", .hidden = true},
      {.name = "has_signature",
       .type = kInt,
       .description = "1: a signature lies with the fetched release",
       .hidden = true},
      {.name = "lists_missing",
       .type = kInt,
       .description = "1: packages of a component were not fetched",
       .hidden = true},
      {.name = "security", .type = kInt, .description = "1: security updates", .hidden = true},
      {.name = "release_date",
       .type = kBig,
       .description = "When it was made, Unix seconds",
       .hidden = true},
      {.name = "expires",
       .type = kInt,
       .description = "1: its release states an end, valid_until",
       .hidden = true},
      {.name = "valid_until",
       .type = kBig,
       .description = "After that it is stale, Unix seconds",
       .hidden = true},
  };
}

}  // namespace

Table apt_sources_table() {
  return {.name = "apt_sources",
          .description = "Sources of packages",
          .columns = Columns(),
          .generate = GenerateSources,
          .touches = [](Env&, const Declared&) { return AptTouches(); }};
}

}  // namespace tom
