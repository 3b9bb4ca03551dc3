// TLS 1.3 and nothing older, for every gRPC channel and server of this process.
#ifndef TOM_COLLECTOR_SERVER_TLS13_H_
#define TOM_COLLECTOR_SERVER_TLS13_H_

#include <cstdlib>

namespace tom {

// gRPC 1.51 has no setting for the least version. Its cipher list is for TLS 1.2 alone, so a list
// with only a suite that can never be agreed on (it needs a pre-shared key) refuses 1.2 and
// leaves 1.3 as it is. Call before gRPC starts.
inline void UseTls13Only() { setenv("GRPC_SSL_CIPHER_SUITES", "PSK-AES256-GCM-SHA384", 1); }

}  // namespace tom

#endif  // TOM_COLLECTOR_SERVER_TLS13_H_
