// One row: this host's name, processors, memory and make, from /proc and /sys. What the firmware
// keeps for root alone (uuid, serial numbers) is NULL without the right to read it.
#include "checks/engine/table.h"
#include "checks/parse/cpu_info.h"
#include "checks/tables/sudo_view.h"
#include "checks/tables/sudoers_tree.h"
#include "checks/tables/touch_lists.h"

namespace tom {
namespace {

// The first line of a file of the firmware's; NULL where there is none.
Value Line(Env& env, const std::string& path) {
  const auto text = env.ReadFile(path, 4096);
  if (!text.ok()) return {};
  std::string line = text->substr(0, text->find('\n'));
  const size_t last = line.find_last_not_of(' ');
  line.resize(last == std::string::npos ? 0 : last + 1);
  return PrintableText(line);
}

Value Dmi(Env& env, const std::string& name) { return Line(env, "/sys/class/dmi/id/" + name); }

Value Count(int64_t number) { return number > 0 ? Value(number) : Value(); }

Value Text(const std::string& text) { return text.empty() ? Value() : Value(PrintableText(text)); }

absl::Status GenerateInfo(Env& env, const TableContext&, RowSink& sink) {
  const HostNames names = ReadHostNames(env);
  CpuInfo cpu;
  Value memory;
  const auto processors = env.ReadFile("/proc/cpuinfo");
  const auto meminfo = env.ReadFile("/proc/meminfo", 1 << 20);
  for (const auto* read : {&processors, &meminfo}) {
    if (!read->ok()) sink.Incomplete(std::string(read->status().message()));
  }
  if (processors.ok()) cpu = ParseCpuInfo(*processors);
  if (meminfo.ok()) {
    if (const auto bytes = MemoryBytes(*meminfo)) memory = *bytes;
  }
  sink.Add({{"hostname", Text(names.name)},
            {"uuid", Dmi(env, "product_uuid")},
            {"cpu_type", Line(env, "/proc/sys/kernel/arch")},
            {"cpu_subtype", Text(cpu.family)},
            {"cpu_brand", Text(cpu.brand)},
            {"cpu_physical_cores", Count(cpu.physical_cores)},
            {"cpu_logical_cores", Count(cpu.logical_cores)},
            {"cpu_sockets", Count(cpu.sockets)},
            {"cpu_microcode", Text(cpu.microcode)},
            {"physical_memory", memory},
            {"hardware_vendor", Dmi(env, "sys_vendor")},
            {"hardware_model", Dmi(env, "product_name")},
            {"hardware_version", Dmi(env, "product_version")},
            {"hardware_serial", Dmi(env, "product_serial")},
            {"board_vendor", Dmi(env, "board_vendor")},
            {"board_model", Dmi(env, "board_name")},
            {"board_version", Dmi(env, "board_version")},
            {"board_serial", Dmi(env, "board_serial")},
            {"computer_name", Text(names.name)},
            {"local_hostname", Text(names.name)}});
  return absl::OkStatus();
}

}  // namespace

Table system_info_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {
      .name = "system_info",
      .description = "Name, processors, memory and make of this host",
      .columns = {{.name = "hostname", .description = "Name of the kernel, else of /etc/hostname"},
                  {.name = "uuid", .description = "Of the machine, by its firmware"},
                  {.name = "cpu_type", .description = "Architecture"},
                  {.name = "cpu_subtype", .description = "Family"},
                  {.name = "cpu_brand", .description = "Model"},
                  {.name = "cpu_physical_cores", .type = kInt, .description = "Cores"},
                  {.name = "cpu_logical_cores", .type = kInt, .description = "Threads of them"},
                  {.name = "cpu_sockets", .type = kInt, .description = "Sockets"},
                  {.name = "cpu_microcode", .description = "Its version"},
                  {.name = "physical_memory", .type = ColumnType::kBigint, .description = "Bytes"},
                  {.name = "hardware_vendor", .description = "Maker"},
                  {.name = "hardware_model", .description = "Model"},
                  {.name = "hardware_version", .description = "Version"},
                  {.name = "hardware_serial", .description = "Serial number"},
                  {.name = "board_vendor", .description = "Maker of the board"},
                  {.name = "board_model", .description = "Its model"},
                  {.name = "board_version", .description = "Its version"},
                  {.name = "board_serial", .description = "Its serial number"},
                  {.name = "computer_name", .description = "The same as hostname"},
                  {.name = "local_hostname", .description = "The same as hostname"}},
      .generate = GenerateInfo,
      .touches = [](Env&, const Declared&) {
        return FileTouches(
            {"/proc/sys/kernel/hostname", "/etc/hostname", "/etc/hosts", "/proc/sys/kernel/arch",
             "/proc/cpuinfo", "/proc/meminfo", "/sys/class/dmi/id/*"},
            "name and make of this host");
      }};
}

}  // namespace tom
