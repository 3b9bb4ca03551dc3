// For each facility of syslog: whether its messages really leave this host, from info up, and how.
#include <algorithm>

#include "checks/engine/table.h"
#include "checks/tables/log_facts.h"
#include "checks/tables/sudo_view.h"

namespace tom {
namespace {

constexpr uint8_t kUpToInfo = 0x7f;
constexpr std::array<const char*, kSyslogSeverities> kLevels = {
    "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};

struct Answer {
  std::optional<bool> leaves;
  std::optional<bool> encrypted;
  std::optional<bool> verified;
  std::string by;
  std::string reason;
};

bool IsOff(const LogProgram& program) {
  return !program.MayRun() || program.active == std::optional<bool>(false);
}

std::string Where(const LogFacts& facts, const LogDestination& one) {
  std::string text = facts.programs[one.program].name;
  if (one.target.empty()) return text;
  text.append(" to ").append(one.target);
  if (!one.port.empty()) text.append(":").append(one.port);
  return text.append(" by ").append(one.protocol);
}

void AddReason(std::string& text, const std::string& more) {
  if (more.empty() || text.size() > 600 || text.find(more) != std::string::npos) return;
  if (!text.empty()) text.append("; ");
  text.append(more);
}

// All of them must be so; one that is not decides.
void Combine(std::optional<bool>& all, bool& any, const std::optional<bool>& one) {
  if (all == std::optional<bool>(false) && any) return;
  if (!any || one == std::optional<bool>(false) || !one) all = one;
  any = true;
}

// Every sender that may get messages of the facility counts: one in the clear is enough to be read.
void JudgeWay(const LogFacts& facts, size_t facility, Answer& answer) {
  bool any_encrypted = false;
  bool any_verified = false;
  for (const LogDestination& one : facts.destinations) {
    if (IsOff(facts.programs[one.program]) || one.works == std::optional<bool>(false)) continue;
    if (one.perhaps[facility] == 0) continue;
    Combine(answer.encrypted, any_encrypted, one.encrypted);
    Combine(answer.verified, any_verified, one.verified);
  }
}

void SayWhyNot(const LogFacts& facts, size_t facility, uint8_t surely, Answer& answer) {
  if (surely != 0 && (surely & kUpToInfo) != kUpToInfo) {
    std::string levels;
    for (size_t i = 0; i < kLevels.size(); ++i) {
      if (((surely >> i) & 1) == 0) continue;
      levels.append(levels.empty() ? "" : ",").append(kLevels[i]);
    }
    AddReason(answer.reason, "only " + levels + " surely leave");
  }
  for (const LogProgram& program : facts.programs) {
    if (!program.MayRun()) {
      AddReason(answer.reason,
                program.name + " is switched off" +
                    (program.unit_state.empty() ? "" : " (" + program.unit_state + ")"));
    } else if (program.active == std::optional<bool>(false)) {
      AddReason(answer.reason, program.name + " does not run");
    }
  }
  for (const LogDestination& one : facts.destinations) {
    if (!one.problem.empty() && one.works != std::optional<bool>(true)) {
      AddReason(answer.reason, one.place + ": " + one.problem);
    }
  }
  for (const std::string& note : facts.notes) AddReason(answer.reason, note);
  for (const auto& [place, mask] : facts.dropped) {
    if ((mask[facility] & kUpToInfo) != 0)
      AddReason(answer.reason, "messages are discarded at " + place);
  }
  if (answer.reason.empty()) answer.reason = "nothing sends them elsewhere";
}

Answer Judge(const LogFacts& facts, size_t facility) {
  Answer answer;
  uint8_t surely = 0;
  uint8_t perhaps = 0;
  for (const LogDestination& one : facts.destinations) {
    if (IsOff(facts.programs[one.program]) || one.works == std::optional<bool>(false)) continue;
    if (one.sometimes) continue;
    perhaps = static_cast<uint8_t>(perhaps | one.perhaps[facility]);
    if (one.works != std::optional<bool>(true)) continue;
    surely = static_cast<uint8_t>(surely | one.surely[facility]);
    if (one.surely[facility] != 0) AddReason(answer.by, Where(facts, one));
  }
  if ((surely & kUpToInfo) == kUpToInfo) answer.leaves = true;
  if ((perhaps & kUpToInfo) != kUpToInfo) answer.leaves = false;
  if (answer.leaves.value_or(false)) {
    answer.reason = "leaves by " + answer.by;
  } else {
    SayWhyNot(facts, facility, surely, answer);
  }
  JudgeWay(facts, facility, answer);
  return answer;
}

absl::Status GenerateForwarding(Env& env, const TableContext& context, RowSink& sink) {
  const LogFacts facts = GatherLogFacts(env);
  const std::vector<std::string>& declared = context.declared.logging_facilities;
  for (size_t i = 0; i < kSyslogFacilities; ++i) {
    const std::string name(kSyslogFacilityNames[i]);
    const bool is_declared = std::any_of(declared.begin(), declared.end(), [&](const auto& one) {
      return SyslogFacility(one) == std::optional<size_t>(i);
    });
    const Answer answer = Judge(facts, i);
    sink.Add({{"facility", name},
              {"declared", int64_t{is_declared}},
              {"declared_any", int64_t{!declared.empty()}},
              {"leaves", NumberOrNull(answer.leaves)},
              {"encrypted", NumberOrNull(answer.encrypted)},
              {"verified", NumberOrNull(answer.verified)},
              {"forwarders", PrintableText(answer.by)},
              {"reason", PrintableText(answer.reason)}});
  }
  for (const std::string& problem : facts.problems) sink.Incomplete(PrintableText(problem));
  return absl::OkStatus();
}

}  // namespace

Table log_forwarding_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {
      .name = "log_forwarding",
      .description = "Facilities of syslog, and whether their messages leave this host",
      .columns = {{.name = "facility", .description = "auth, authpriv, daemon, …"},
                  {.name = "declared",
                   .type = kInt,
                   .description = "1: the configuration names it (logging)"},
                  {.name = "declared_any",
                   .type = kInt,
                   .description = "1: the configuration names some"},
                  {.name = "leaves",
                   .type = kInt,
                   .description = "1: messages from info up surely reach a sender; 0: some surely "
                                  "do not; NULL: not told"},
                  {.name = "encrypted",
                   .type = kInt,
                   .description = "1: every sender that may get them uses TLS"},
                  {.name = "verified", .type = kInt, .description = "1: … and knows its receiver"},
                  {.name = "forwarders", .description = "By whom, and where to"},
                  {.name = "reason", .description = "Why it is so"}},
      .generate = GenerateForwarding,
      .touches = [](Env& env, const Declared&) { return LogTouches(env); }};
}

}  // namespace tom
