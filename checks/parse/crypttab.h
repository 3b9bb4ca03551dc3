// crypttab(5): how encrypted devices are meant to be opened. Intention, never evidence.
#ifndef TOM_CHECKS_PARSE_CRYPTTAB_H_
#define TOM_CHECKS_PARSE_CRYPTTAB_H_

#include <string>
#include <string_view>

namespace tom {

// The options that speak of kind and cipher (luks, plain, tcrypt, bitlk, swap, cipher=, size=,
// hash=, offset=) of the entry for the mapping `name`, or else of the one for the device `device`,
// separated by commas; "none" when that entry states none of them. Empty when there is no entry.
std::string CrypttabIntention(std::string_view text, std::string_view name,
                              std::string_view device);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_CRYPTTAB_H_
