// Text from hosts, registers and packs on its way to a terminal: the one encoder, with no way round
// it.
#ifndef TOM_EVIDENCE_TERMINAL_TEXT_H_
#define TOM_EVIDENCE_TERMINAL_TEXT_H_

#include <string>
#include <string_view>

namespace tom {

// `text` as one harmless line: control characters (C0, DEL, C1), bytes that are not UTF-8, line and
// paragraph separators, and characters that turn or hide text (bidirectional and zero-width ones,
// variation selectors, tags) become \n, \t, \xNN or \u{N}; a backslash becomes two, so that the
// result tells what was there. Over `max_bytes` of result it ends in "...".
std::string TerminalText(std::string_view text, size_t max_bytes = 4096);

}  // namespace tom

#endif  // TOM_EVIDENCE_TERMINAL_TEXT_H_
