// Files of private keys as ssh-keygen(1) and openssl(1) write them: whether a passphrase guards
// them. The key itself is not looked at.
#ifndef TOM_CHECKS_PARSE_SSH_PRIVATE_KEY_H_
#define TOM_CHECKS_PARSE_SSH_PRIVATE_KEY_H_

#include <optional>
#include <string>
#include <string_view>

namespace tom {

struct SshPrivateKey {
  std::string type;               // ssh-ed25519, rsa …; "" where the file does not show it
  std::optional<bool> encrypted;  // nothing: not known
};

// Nothing: no private key.
std::optional<SshPrivateKey> ParseSshPrivateKey(std::string_view text);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_SSH_PRIVATE_KEY_H_
