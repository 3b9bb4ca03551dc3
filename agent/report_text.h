// What `tom-agent report` shows of a delivery (the line of DescribeDelivery).
#ifndef TOM_AGENT_REPORT_TEXT_H_
#define TOM_AGENT_REPORT_TEXT_H_

#include <string>
#include <string_view>

namespace tom {

// A few lines for a person, safe for a terminal.
std::string DeliveryTable(std::string_view line);
// Notices and error of a delivery on one line.
std::string DeliveryTrouble(std::string_view line);

}  // namespace tom

#endif  // TOM_AGENT_REPORT_TEXT_H_
