// A time-stamp authority's signing side: key, certificate and the answer to one RFC 3161 request.
#ifndef TOM_TESTS_TSA_AUTHORITY_H_
#define TOM_TESTS_TSA_AUTHORITY_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "evidence/openssl_ptr.h"

namespace tom {

// How the authority misbehaves, for tests of those who ask it.
struct Lies {
  long clock_offset_seconds = 0;  // added to the time it states
  bool refuse = false;            // a well-formed reply with status rejection
};

// Thread-compatible: Reply() keeps nothing between calls and may run in many threads.
class TimeStampAuthority {
 public:
  // Reads DIR/tsa.key and DIR/tsa.pem, or makes both (P-256, self-signed, ten years, subject
  // "CN=demonstration time-stamp authority", critical extended key usage timeStamping alone). The
  // key has mode 0600.
  static absl::StatusOr<TimeStampAuthority> Open(const std::string& dir);

  // The DER TimeStampResp for a DER TimeStampReq. A request that is none still gets a reply: its
  // status says so.
  absl::StatusOr<std::string> Reply(std::string_view request, const Lies& lies) const;

 private:
  TimeStampAuthority() = default;
  static absl::StatusOr<TimeStampAuthority> Make(const std::string& key_path,
                                                 const std::string& certificate_path);
  EvpPkeyPtr key_;
  X509Ptr certificate_;
};

}  // namespace tom

#endif  // TOM_TESTS_TSA_AUTHORITY_H_
