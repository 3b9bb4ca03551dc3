// Encoders for what leaves the program as CSV or JSON; for a terminal see evidence/terminal_text.h.
#ifndef TOM_AGENT_TEXT_OUTPUT_H_
#define TOM_AGENT_TEXT_OUTPUT_H_

#include <string>
#include <string_view>
#include <vector>

namespace tom {

// One record of RFC 4180, with its CRLF. Bytes that are no UTF-8 and control characters become
// U+FFFD; a cell that a spreadsheet would take for a formula (= + - @ in front, blanks skipped) is
// led by an apostrophe.
std::string CsvRecord(const std::vector<std::string>& cells);

// The same JSON with every character from U+007F on as \u escapes: harmless on a terminal too.
std::string AsciiJson(std::string_view json);

// `text` as a JSON string; bytes that are no UTF-8 become U+FFFD.
std::string JsonString(std::string_view text);

// Columns aligned by what is printed; `cells` are already harmless, their only escapes our own
// colours. The first row is the heading.
std::string AlignedTable(const std::vector<std::vector<std::string>>& cells);

}  // namespace tom

#endif  // TOM_AGENT_TEXT_OUTPUT_H_
