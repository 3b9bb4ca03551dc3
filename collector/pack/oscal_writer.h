// The pack's OSCAL documents (version 1.2.2, and nothing that 1.1.3 lacks): catalog <- profile <-
// assessment-plan <- assessment-results. Canonical JSON, ids by name (RFC 4122 version 5): the same
// evidence gives the same bytes.
//
// Source: the OSCAL JSON schema of release 1.2.2 (NIST, public domain); constraints beyond it from
// pages.nist.gov/OSCAL/reference. Our props stand under our own namespace.
#ifndef TOM_COLLECTOR_PACK_OSCAL_WRITER_H_
#define TOM_COLLECTOR_PACK_OSCAL_WRITER_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "collector/pack/report_model.h"

namespace tom {

// File name below oscal/ -> bytes.
absl::StatusOr<std::map<std::string, std::string>> WriteOscal(const ReportModel& model);

// One line as OSCAL's string type wants it: printable, no blank at either end; "-" for nothing.
std::string OscalText(std::string_view text);

}  // namespace tom

#endif  // TOM_COLLECTOR_PACK_OSCAL_WRITER_H_
