// /proc/cpuinfo and /proc/meminfo (proc(5)), as x86 and ARM write them. Bytes -> values; pure.
#ifndef TOM_CHECKS_PARSE_CPU_INFO_H_
#define TOM_CHECKS_PARSE_CPU_INFO_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tom {

struct CpuInfo {
  std::string brand;  // "model name" of the first; "" where it has none
  std::string microcode;
  std::string family;          // x86: "cpu family"
  int64_t logical_cores = 0;   // entries
  int64_t physical_cores = 0;  // distinct pairs of socket and core; the logical ones where not told
  int64_t sockets = 0;         // distinct sockets; 0 not told
};

// At most 16,384 processors.
CpuInfo ParseCpuInfo(std::string_view text);

// Of "MemTotal:   16384 kB"; nothing where it does not say.
std::optional<int64_t> MemoryBytes(std::string_view meminfo);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_CPU_INFO_H_
