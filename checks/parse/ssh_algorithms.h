// Lists of algorithms in sshd_config(5), as OpenSSH 9.2 of Debian 12 completes them from its
// compiled-in ones: "+name", "-pattern", "^name" (kex_assemble_names).
#ifndef TOM_CHECKS_PARSE_SSH_ALGORITHMS_H_
#define TOM_CHECKS_PARSE_SSH_ALGORITHMS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tom {

// Options that hold such a list, in lower case.
const std::vector<std::string>& SshAlgorithmOptions();

// The list that the value makes, with commas; "" stands for the compiled-in one. Nothing: sshd
// refuses the value, or `option` is none of these.
std::optional<std::string> EffectiveSshAlgorithms(std::string_view option,
                                                  const std::string& value);

// "broken" (no protection any more, or a published attack), "weak" (should not be offered),
// "legacy" (on its way out) or "". By RFC 9142, RFC 8758, RFC 8332 and OpenSSH's own defaults.
// `kind`: kex, host_key, cipher, mac.
std::string_view SshAlgorithmWeakness(std::string_view kind, std::string_view name);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_SSH_ALGORITHMS_H_
