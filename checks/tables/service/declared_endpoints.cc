// Endpoints and pages that the configuration declares. Reads nothing.
#include "checks/engine/table.h"

namespace tom {
namespace {

absl::Status GenerateDeclaredEndpoints(Env&, const TableContext& context, RowSink& sink) {
  for (const DeclaredEndpoint& one : context.declared.endpoints) {
    sink.Add({{"kind", std::string("endpoint")},
              {"host", one.host},
              {"port", one.port},
              {"server_name", one.server_name},
              {"starttls", one.starttls}});
  }
  for (const DeclaredPage& one : context.declared.pages) {
    sink.Add({{"kind", std::string("page")},
              {"host", one.host},
              {"port", one.port},
              {"server_name", one.host},
              {"starttls", std::string("none")},
              {"url", one.url}});
  }
  return absl::OkStatus();
}

}  // namespace

Table declared_endpoints_table() {
  return {.name = "declared_endpoints",
          .description = "Declared endpoints and pages (endpoints and pages of the configuration)",
          .columns = {{.name = "kind", .description = "endpoint or page"},
                      {.name = "host", .description = "As declared"},
                      {.name = "port", .type = ColumnType::kInteger, .description = "TCP port"},
                      {.name = "server_name", .description = "Name in the certificate"},
                      {.name = "starttls", .description = "How it turns to TLS; none: at once"},
                      {.name = "url", .description = "Of a page"}},
          .generate = GenerateDeclaredEndpoints};
}

}  // namespace tom
