// The settings of the SSH server that decide over logins, for each account and each kind of
// connection that its Match blocks tell apart. Live they are the server's own answers (sshd -T -C),
// in a dead tree our reading of its files.
#include "checks/engine/table.h"
#include "checks/tables/sshd_view.h"
#include "checks/tables/touch_lists.h"

namespace tom {
namespace {

bool NamesPeople(const SshdKeyword& keyword) { return keyword.kind == SshdKind::kNames; }

bool AddOption(const SshdContext& context, const SshdKeyword& keyword, const SshdSetting& setting,
               RowSink& sink) {
  const Value text = setting.value;
  return sink.Add({{"user", context.account.name.empty() ? Value() : Value(context.account.name)},
                   {"uid", context.account.uid < 0 ? Value() : Value(context.account.uid)},
                   {"connection", context.route.label},
                   {"option", std::string(keyword.name)},
                   {"value", NamesPeople(keyword) ? Value() : text},
                   {"names", NamesPeople(keyword) ? text : Value()},
                   {"file", setting.file.empty() ? Value() : Value(setting.file)},
                   {"line", setting.line == 0 ? Value() : Value(int64_t{setting.line})},
                   {"source", std::string(context.from_program ? "sshd" : "files")}});
}

absl::Status GenerateEffective(Env& env, const TableContext&, RowSink& sink) {
  const SshdView view = ViewSshd(env);
  for (const std::string& reason : view.incomplete) sink.Incomplete(reason);
  for (const SshdContext& context : view.contexts) {
    for (const SshdKeyword* keyword : ReportedSshdKeywords()) {
      const auto found = context.settings.find(keyword->name);
      if (found == context.settings.end()) continue;
      if (!AddOption(context, *keyword, found->second, sink)) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

}  // namespace

Table sshd_effective_table() {
  return {
      .name = "sshd_effective",
      .description = "Settings of the SSH server by account and kind of connection",
      .columns =
          {{.name = "user",
            .description = "Account; NULL: any that no local file names",
            .personal = "user"},
           {.name = "uid", .type = ColumnType::kBigint, .description = "User id"},
           {.name = "connection",
            .description = "An example of the connections that Match blocks tell apart, or any"},
           {.name = "option",
            .description = "Keyword of sshd_config, lower case, aliases resolved"},
           {.name = "value", .description = "Value; without-password is prohibit-password"},
           {.name = "names",
            .description = "Value of AllowUsers, DenyUsers, AllowGroups and DenyGroups",
            .personal = "sshd_names"},
           {.name = "file", .description = "File that sets it; NULL for a default"},
           {.name = "line", .type = ColumnType::kInteger, .description = "Line in that file"},
           {.name = "source", .description = "sshd: the server's own answer; files: our reading"}},
      .generate = GenerateEffective,
      .touches = [](Env& env, const Declared&) { return SshdTouches(env); }};
}

}  // namespace tom
