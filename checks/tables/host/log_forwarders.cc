// Where logs of this host are sent, and how: a row a destination.
#include "checks/engine/table.h"
#include "checks/parse/size_text.h"
#include "checks/tables/log_facts.h"
#include "checks/tables/sudo_view.h"

namespace tom {
namespace {

Value PrintableOrNull(const std::string& text) {
  return text.empty() ? Value() : Value(PrintableText(text));
}

std::string Names(const SyslogMask& mask) {
  constexpr uint8_t kUpToInfo = 0x7f;
  std::string names;
  for (size_t i = 0; i < kSyslogFacilities; ++i) {
    if ((mask[i] & kUpToInfo) != kUpToInfo) continue;
    if (!names.empty()) names.append(",");
    names.append(kSyslogFacilityNames[i]);
  }
  return names;
}

// What its queue holds on the disk, and may hold.
void MeasureQueue(Env& env, const LogDestination& one, Value& bytes, Value& bound) {
  if (one.queue_file.empty()) return;
  if (const auto most = ParseSizeText(one.queue_bound)) bound = *most;
  const std::string start = one.queue_file.substr(one.queue_file.rfind('/') + 1) + ".";
  const std::string folder = FolderOf(one.queue_file);
  const auto names = env.ListDirectory(folder);
  if (!names.ok()) return;  // without the folder it waits in memory
  int64_t sum = 0;
  for (const std::string& name : *names) {
    if (!name.starts_with(start) || name.ends_with(".qi")) continue;
    const auto info = env.Lstat(InFolder(folder, name));
    if (info.ok() && info->kind == FileKind::kRegular) sum += info->size;
  }
  bytes = sum;
}

absl::Status GenerateForwarders(Env& env, const TableContext&, RowSink& sink) {
  const LogFacts facts = GatherLogFacts(env);
  for (const LogDestination& one : facts.destinations) {
    const LogProgram& program = facts.programs[one.program];
    Value bytes;
    Value bound;
    MeasureQueue(env, one, bytes, bound);
    sink.Add({{"forwarder", program.name},
              {"unit", program.unit},
              {"unit_file_state", PrintableOrNull(program.unit_state)},
              {"starts", NumberOrNull(program.starts)},
              {"active", NumberOrNull(program.active)},
              {"target", PrintableOrNull(one.target)},
              {"port", PrintableOrNull(one.port)},
              {"protocol", PrintableOrNull(one.protocol)},
              {"works", NumberOrNull(one.works)},
              {"encrypted", NumberOrNull(one.encrypted)},
              {"verified", NumberOrNull(one.verified)},
              {"facilities", Names(one.surely)},
              {"reached", int64_t{one.perhaps != SyslogMask{}}},
              {"place", PrintableOrNull(one.place)},
              {"problem", PrintableOrNull(one.problem)},
              {"queue_bytes", bytes},
              {"queue_max_bytes", bound}});
  }
  for (const std::string& problem : facts.problems) sink.Incomplete(PrintableText(problem));
  return absl::OkStatus();
}

}  // namespace

Table log_forwarders_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  constexpr ColumnType kBig = ColumnType::kBigint;
  return {
      .name = "log_forwarders",
      .description =
          "Where programs of this host send its logs: rsyslog, systemd-journal-upload, the Datadog "
          "agent",
      .columns =
          {{.name = "forwarder", .description = "The program"},
           {.name = "unit", .description = "Its unit"},
           {.name = "unit_file_state",
            .description = "As systemctl is-enabled says it; NULL: no unit"},
           {.name = "starts", .type = kInt, .description = "1: it starts at boot; NULL: not told"},
           {.name = "active", .type = kInt, .description = "1: it runs; NULL: not told"},
           {.name = "target", .description = "Host that it sends to"},
           {.name = "port", .description = "Port there"},
           {.name = "protocol", .description = "udp, tcp, relp, https, http"},
           {.name = "works",
            .type = kInt,
            .description = "1: nothing in the configuration keeps it from sending; NULL: not told"},
           {.name = "encrypted", .type = kInt, .description = "1: over TLS; NULL: not told"},
           {.name = "verified",
            .type = kInt,
            .description = "1: the receiver proves that it is the one named"},
           {.name = "facilities",
            .description = "Whose messages surely reach it from info up, by commas"},
           {.name = "reached",
            .type = kInt,
            .description = "1: some messages of this host may reach it"},
           {.name = "place", .description = "File and line"},
           {.name = "problem", .description = "What keeps it from sending, or is not understood"},
           {.name = "queue_bytes",
            .type = kBig,
            .description = "Bytes waiting on the disk; NULL: it keeps none there"},
           {.name = "queue_max_bytes",
            .type = kBig,
            .description = "Its bound; NULL: none is set"}},
      .generate = GenerateForwarders,
      .touches = [](Env& env, const Declared&) { return LogTouches(env); }};
}

}  // namespace tom
