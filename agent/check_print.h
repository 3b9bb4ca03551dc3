// CheckReport -> bytes, one function a format.
#ifndef TOM_AGENT_CHECK_PRINT_H_
#define TOM_AGENT_CHECK_PRINT_H_

#include <string>

#include "agent/check_report.h"

namespace tom {

// For people: the worst first, everything from the host encoded.
std::string CheckTable(const CheckReport& report, bool color);
// interfaces.md "tom-agent check"; one line.
std::string CheckJson(const CheckReport& report);
std::string CheckCsv(const CheckReport& report);
// OSCAL 1.2.2 assessment-results, without anything that 1.1.3 lacks. The same report gives the same
// bytes.
std::string CheckOscal(const CheckReport& report);

}  // namespace tom

#endif  // TOM_AGENT_CHECK_PRINT_H_
