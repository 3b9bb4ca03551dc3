// The gRPC server: mTLS, TLS 1.3 (call UseTls13Only first), bounded in every direction.
#ifndef TOM_COLLECTOR_SERVER_GRPC_SERVER_H_
#define TOM_COLLECTOR_SERVER_GRPC_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "collector/pack/pack_request.h"
#include "collector/server/collector.h"

namespace tom {

// Emits the payload files of a pack, in order.
using PackEmit = std::function<absl::Status(std::string_view name, std::string_view bytes)>;
using PackExporter = std::function<absl::Status(Store&, const PackRequest&, const PackEmit&)>;

class GrpcServer {
 public:
  // `listen` is host:port; port 0 lets the kernel choose. `collector` must outlive the server.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(Collector& collector,
                                                           const std::string& listen,
                                                           PackExporter exporter);
  ~GrpcServer();  // stops: calls in flight have five seconds
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  int port() const { return port_; }

 private:
  GrpcServer() = default;
  struct Parts;
  std::unique_ptr<Parts> parts_;
  int port_ = 0;
};

}  // namespace tom

#endif  // TOM_COLLECTOR_SERVER_GRPC_SERVER_H_
