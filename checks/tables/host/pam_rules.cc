// The lines of every PAM service, each with the file and line it stands in, includes followed as
// libpam follows them.
#include <optional>

#include "absl/strings/str_cat.h"
#include "checks/engine/table.h"
#include "checks/parse/duo_config.h"
#include "checks/tables/pam_service.h"
#include "checks/tables/pam_touches.h"
#include "checks/tables/touch_lists.h"

namespace tom {
namespace {

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) absl::StrAppend(&text, text.empty() ? "" : " ", word);
  return text;
}

const char* KindName(PamHandler::Kind kind) {
  if (kind == PamHandler::Kind::kMustFail) return "broken";
  return kind == PamHandler::Kind::kSubstack ? "substack" : "module";
}

// Why a confirmation by Duo lets in without one; "" where it does not. Nothing: not known, or
// another module.
std::optional<std::string> FailsOpen(Env& env, const PamHandler& handler) {
  if (handler.line.module.find("pam_duo") == std::string::npos) return std::nullopt;
  std::string path = "/etc/security/pam_duo.conf";
  for (const std::string& argument : handler.line.arguments) {
    if (argument.starts_with("conf=")) path = argument.substr(5);
  }
  const auto info = env.Stat(path);
  const auto text = env.ReadFile(path, kMaxPamFileBytes);
  if (absl::IsNotFound(info.status())) return path + " is not there";
  if (!info.ok() || !text.ok()) return std::nullopt;
  if ((info->mode & 077) != 0) return path + " is open to others, and is not read for that";
  const DuoConfig config = ParseDuoConfig(*text);
  if (config.fail_safe) return path + " does not say failmode=secure";
  return config.understood ? std::optional<std::string>("") : std::nullopt;
}

bool AddStack(Env& env, const std::string& service, PamType type,
              const std::vector<PamHandler>& stack, RowSink& sink) {
  int64_t position = 0;
  for (const PamHandler& one : stack) {
    const auto open = FailsOpen(env, one);
    const bool more = sink.Add({{"service", service},
                                {"type", std::string(PamTypeName(type))},
                                {"position", ++position},
                                {"level", int64_t{one.level}},
                                {"kind", std::string(KindName(one.kind))},
                                {"control", one.line.control},
                                {"module", one.line.module},
                                {"arguments", Join(one.line.arguments)},
                                {"silent", int64_t{one.line.silent}},
                                {"on_success", int64_t{one.actions[kPamSuccess]}},
                                {"fails_open", open ? Value(int64_t{!open->empty()}) : Value()},
                                {"fails_open_why", open && !open->empty() ? Value(*open) : Value()},
                                {"file", one.file},
                                {"line", int64_t{one.line.number}}});
    if (!more) return false;
  }
  return true;
}

absl::Status GenerateRules(Env& env, const TableContext&, RowSink& sink) {
  std::vector<std::string> problems;
  const std::vector<std::string> services = PamServiceNames(env, problems);
  for (const std::string& problem : problems) sink.Incomplete(problem);
  PamFiles files(env);
  for (const std::string& service : services) {
    const PamService loaded = files.Load(service);
    if (!loaded.unknown.empty()) {
      sink.Incomplete(absl::StrCat(service, ": ", loaded.unknown));
      continue;
    }
    for (const auto& [type, stack] : loaded.stacks) {
      if (!AddStack(env, service, type, stack, sink)) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

}  // namespace

Table pam_rules_table() {
  return {
      .name = "pam_rules",
      .description = "Lines of PAM's stacks by service, in the order in which they run",
      .columns =
          {{.name = "service", .description = "Name of the service, such as sshd"},
           {.name = "type", .description = "auth, account, session or password"},
           {.name = "position",
            .type = ColumnType::kInteger,
            .description = "In the stack, from 1"},
           {.name = "level", .type = ColumnType::kInteger, .description = "Depth of substacks"},
           {.name = "kind",
            .description = "module; substack: its entry; broken: libpam lets this line fail"},
           {.name = "control", .description = "As it stands, without brackets"},
           {.name = "module", .description = "Module or included file, as it stands"},
           {.name = "arguments", .description = "Of the module, with blanks"},
           {.name = "silent",
            .type = ColumnType::kInteger,
            .description = "1 for a type with - in front: a missing module is not logged"},
           {.name = "on_success",
            .type = ColumnType::kInteger,
            .description =
                "What success leads to: 0 ignored, -1 ok, -2 done, -3 bad, -4 die, -5 reset, N: so "
                "many modules are jumped over"},
           {.name = "fails_open",
            .type = ColumnType::kInteger,
            .description =
                "Of pam_duo: 1 when it lets in where Duo cannot be asked; NULL: not known"},
           {.name = "fails_open_why", .description = "Why it does"},
           {.name = "file", .description = "File that the line stands in"},
           {.name = "line", .type = ColumnType::kInteger, .description = "Line in that file"}},
      .generate = GenerateRules,
      .touches = [](Env& env, const Declared&) { return PamRuleTouches(env); }};
}

}  // namespace tom
