// authorized_keys (sshd(8), AUTHORIZED_KEYS FILE FORMAT) as OpenSSH 9.2 reads it.
#ifndef TOM_CHECKS_PARSE_AUTHORIZED_KEYS_H_
#define TOM_CHECKS_PARSE_AUTHORIZED_KEYS_H_

#include <string>
#include <string_view>
#include <vector>

namespace tom {

inline constexpr size_t kMaxAuthorizedKeys = 10000;

struct AuthorizedKey {
  int line = 0;
  std::string algorithm;  // "ssh-ed25519", "sk-ssh-ed25519@openssh.com"
  std::string key;        // base64, as it stands
  std::string comment;
  std::string options;           // as they stand, "" for none
  bool verify_required = false;  // of a token's key
  bool restricted = false;       // "restrict" or a forced command
  bool authority = false;        // cert-authority: a key that signs keys
};

struct AuthorizedKeys {
  std::vector<AuthorizedKey> keys;
  std::vector<std::string> problems;  // NUL bytes, lines or keys beyond the bounds
};

// Lines that sshd finds no key in are passed over, as it does.
AuthorizedKeys ParseAuthorizedKeys(std::string_view text);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_AUTHORIZED_KEYS_H_
