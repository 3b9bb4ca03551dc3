#include "checks/tables/server_config.h"

namespace tom {

void AddProblem(ServerConfigRow& row, const std::string& problem) {
  if (problem.empty() || row.problem.find(problem) != std::string::npos) return;
  if (!row.problem.empty()) row.problem.append("; ");
  row.problem.append(problem);
}

void SetVersions(ServerConfigRow& row, const VersionSet& versions, const std::string& written) {
  row.protocols = written;
  row.is_default = false;
  row.minimum.reset();
  if (!versions) {
    AddProblem(row, "the versions are not understood: " + written);
  } else if (versions->empty()) {
    AddProblem(row, "no version is left: " + written);
  } else {
    row.minimum = row.least = *versions->begin();
  }
}

void SetCiphers(ServerConfigRow& row, const std::string& written) {
  row.ciphers = written;
  row.weak = JudgeCipherString(written);
}

}  // namespace tom
