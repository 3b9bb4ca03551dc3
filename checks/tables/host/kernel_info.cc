// The running kernel: its release and what it was started with.
#include "checks/engine/table.h"
#include "checks/parse/ascii_words.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kRelease[] = "/proc/sys/kernel/osrelease";
constexpr char kArguments[] = "/proc/cmdline";
constexpr char kTainted[] = "/proc/sys/kernel/tainted";

std::string Line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

struct Arguments {
  std::string path;
  std::string device;
  std::string others;
};

Arguments Split(std::string_view text) {
  Arguments arguments;
  while (true) {
    const size_t start = text.find_first_not_of(' ');
    if (start == std::string_view::npos) return arguments;
    text.remove_prefix(start);
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    if (word.starts_with("BOOT_IMAGE=")) {
      arguments.path = word.substr(11);
    } else if (word.starts_with("root=")) {
      arguments.device = word.substr(5);
    } else {
      if (!arguments.others.empty()) arguments.others += ' ';
      arguments.others.append(word);
    }
  }
}

absl::Status GenerateKernelInfo(Env& env, const TableContext&, RowSink& sink) {
  const auto release = env.ReadFile(kRelease, 4096);
  if (!release.ok()) return Annotate(release.status(), "only a live kernel knows");
  const auto text = env.ReadFile(kArguments, 64 << 10);
  if (!text.ok()) sink.Incomplete(std::string(text.status().message()));
  const Arguments arguments = Split(text.ok() ? Line(*text) : "");
  const auto tainted = env.ReadFile(kTainted, 64);
  sink.Add({{"version", Line(*release)},
            {"arguments", text.ok() ? Value(arguments.others) : Value()},
            {"path", arguments.path},
            {"device", arguments.device},
            {"tainted", tainted.ok() ? Value(Line(*tainted)) : Value()}});
  return absl::OkStatus();
}

}  // namespace

Table kernel_info_table() {
  return {.name = "kernel_info",
          .description = "The running kernel",
          .columns = {{.name = "version", .description = "Release, as uname -r says it"},
                      {.name = "arguments", .description = "Of its command line"},
                      {.name = "path", .description = "Image, as its loader named it"},
                      {.name = "device", .description = "Root device, as its loader named it"},
                      {.name = "tainted",
                       .description = "Number of the kernel's taint flags; 0: none",
                       .hidden = true}},
          .generate = GenerateKernelInfo,
          .touches = [](Env&, const Declared&) {
            return FileTouches({kRelease, kArguments, kTainted}, "the running kernel");
          }};
}

}  // namespace tom
