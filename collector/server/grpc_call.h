// What every method does first and last. Free of gRPC's headers: they are slow to compile.
#ifndef TOM_COLLECTOR_SERVER_GRPC_CALL_H_
#define TOM_COLLECTOR_SERVER_GRPC_CALL_H_

#include <memory>
#include <string_view>
#include <vector>

#include "collector/server/authorisation.h"
#include "collector/server/collector.h"
#include "collector/server/grpc_server.h"

namespace google::protobuf {
class Message;
}
namespace grpc {
class ServerContext;
class Service;
class Status;
}  // namespace grpc

namespace tom {

// Refuses unknown fields anywhere in `request`, then asks the authorisation table.
absl::StatusOr<Caller> AdmitCall(Collector& collector, const grpc::ServerContext& context,
                                 const google::protobuf::Message& request, std::string_view method);
grpc::Status ToGrpc(const absl::Status& status);

using Services = std::vector<std::shared_ptr<grpc::Service>>;
// `collector` must outlive them.
Services AgentServices(Collector& collector);
Services OperatorServices(Collector& collector, PackExporter exporter);

}  // namespace tom

#endif  // TOM_COLLECTOR_SERVER_GRPC_CALL_H_
