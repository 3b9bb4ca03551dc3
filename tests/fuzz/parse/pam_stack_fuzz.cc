// Whatever the bytes: the reader ends, every line has a number and a place, and a stack made of its
// lines is walked to an end; what lets in when modules say one thing each is certain.
#include "checks/parse/pam_dispatch.h"
#include "tests/fuzz/fuzz.h"

void tom::Fuzz(std::string_view input) {
  for (const bool with_service : {false, true}) {
    const auto file = ParsePamFile(input, "/etc/pam.d/sshd", with_service);
    if (!file.ok()) continue;
    std::vector<PamHandler> stack;
    for (const PamLine& line : file->lines) {
      TOM_FUZZ_CHECK(line.number > 0);
      if (stack.size() >= 200) break;
      std::string problem;
      PamHandler handler{PamHandler::Kind::kModule, line, "/etc/pam.d/sshd", 0,
                         ParsePamControl(line.control, problem)};
      if (line.control == "substack") handler.kind = PamHandler::Kind::kSubstack;
      const bool inside = !stack.empty() && (stack.back().level > 0 ||
                                             stack.back().kind == PamHandler::Kind::kSubstack);
      handler.level = inside && line.silent ? 1 : 0;
      stack.push_back(handler);
    }
    const auto says = [&](size_t index, PamToken token) {
      return std::vector<PamOutcome>{
          {static_cast<int>(stack[index].line.module.size() % kPamCodes), token, true}};
    };
    const PamVerdict verdict = WalkPamStack(stack, says);
    TOM_FUZZ_CHECK(verdict.answer != PamVerdict::Answer::kMaybe);
    TOM_FUZZ_CHECK(verdict.answer != PamVerdict::Answer::kIn || !verdict.way.empty());
  }
}
