// What a server of SSH says before anything is agreed: its identification (RFC 4253, section 4.2)
// and its KEXINIT (section 7.1). Bytes in, values out.
#ifndef TOM_CHECKS_PARSE_SSH_KEX_INIT_H_
#define TOM_CHECKS_PARSE_SSH_KEX_INIT_H_

#include <string>
#include <string_view>
#include <vector>

namespace tom {

inline constexpr size_t kMaxSshGreetingBytes = 64 << 10;

struct SshOffer {
  enum class State { kMore, kDone, kNotSsh };
  State state = State::kMore;
  std::string identification;  // "SSH-2.0-OpenSSH_9.2p1 Debian-2"; "" until it has come
  std::vector<std::string> kex;
  std::vector<std::string> host_keys;
  std::vector<std::string> ciphers;  // of either direction, without repeats
  std::vector<std::string> macs;
};

// All that the server has sent so far. kNotSsh also for packets beyond the bounds of RFC 4253.
SshOffer ParseSshOffer(std::string_view bytes);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_SSH_KEX_INIT_H_
