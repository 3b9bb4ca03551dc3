#include <CLI/CLI.hpp>
#include <memory>

#include "collector/ctl/catalogue_file.h"
#include "collector/ctl/command.h"
#include "evidence/scope_statements.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

absl::StatusOr<int> Run(Session& session, const std::string& path) {
  TOM_ASSIGN_OR_RETURN(const CatalogueFile file, ReadCatalogueFile(path));
  TOM_ASSIGN_OR_RETURN(const Statement statement, ParseKindStatement(file.statement.payload));
  TOM_ASSIGN_OR_RETURN(const CatalogueStatement catalogue,
                       CatalogueStatementFrom(statement.predicate));
  TOM_ASSIGN_OR_RETURN(OperatorClient * client, session.Client());
  TOM_ASSIGN_OR_RETURN(const SubmittedStatement published,
                       client->Submit(file.statement, {file.catalogue, file.publisher_der}));
  CatalogueVersion version;
  version.version = catalogue.version;
  version.catalogue = file.statement.StatementDigest();
  TOM_ASSIGN_OR_RETURN(
      const SubmittedStatement in_force,
      session.Sign(Signer::kOperator, Kind::kCatalogueVersion, ToPredicate(version), {}));
  TOM_RETURN_IF_ERROR(session.Print("catalogue version " + std::to_string(catalogue.version) +
                                    ", statement " + published.digest + ", in force by " +
                                    in_force.digest + "\n"));
  return 0;
}

}  // namespace

Command catalogue_publish_command() {
  return {{"catalogue", "publish"},
          "puts a signed catalogue into force: agents take it with their next cycle",
          "tomctl catalogue publish catalogue.tom",
          [](CLI::App& app) -> CommandRunner {
            const auto path = std::make_shared<std::string>();
            app.add_option("file", *path, "from `tomctl catalogue sign`")->required();
            return [path](Session& session) { return Run(session, *path); };
          }};
}

}  // namespace tom
