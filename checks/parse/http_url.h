// URLs of http and https (RFC 3986, RFC 9110), and which one a reference stands for. Bytes ->
// values, no I/O; pure and thread-safe. Stricter than a browser: what is not plain is refused.
#ifndef TOM_CHECKS_PARSE_HTTP_URL_H_
#define TOM_CHECKS_PARSE_HTTP_URL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tom {

struct WebUrl {
  bool https = false;
  std::string host;  // lower case, an IPv6 address without brackets
  int64_t port = 0;
  std::string path = "/";  // with its query, without a fragment

  std::string Text() const;  // the port only where it is not the scheme's own
};

// Nothing: another scheme, a user, no host, blanks or control characters, a name with other bytes
// than letters, digits, `.`, `-` and `_`, more than 4 KiB. A fragment is dropped.
std::optional<WebUrl> ParseHttpUrl(std::string_view text);

// `reference` as it stands in a document at `base`. Nothing where it is no page of http or https
// (data:, mailto:, …) or is not understood.
std::optional<WebUrl> ResolveHttpUrl(const WebUrl& base, std::string_view reference);

// Whether the reference names a scheme that loads nothing over the network (data:, about:, blob:,
// javascript:, mailto:, tel:) or is empty or only a fragment.
bool LoadsNothing(std::string_view reference);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_HTTP_URL_H_
