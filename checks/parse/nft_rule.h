// One rule of nft(8)'s language. Internal to the reader of its text.
#ifndef TOM_CHECKS_PARSE_NFT_RULE_H_
#define TOM_CHECKS_PARSE_NFT_RULE_H_

#include <map>
#include <string>
#include <vector>

#include "checks/parse/firewall.h"
#include "checks/parse/nft_tokens.h"

namespace tom {

// Elements of the named sets of the rule's table, "@name" -> values.
using NftSets = std::map<std::string, std::vector<std::string>>;

// Several rules where it has a verdict map.
std::vector<FirewallRule> ParseNftRule(const std::vector<NftToken>& tokens, const NftSets& sets);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_NFT_RULE_H_
