// The claim `oscal-agrees`: oscal/assessment-results.json says what the evidence gives, and its
// back-matter lists the pack's evidence files with their digests.
#ifndef TOM_EVIDENCE_OSCAL_AGREES_H_
#define TOM_EVIDENCE_OSCAL_AGREES_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "evidence/canonical_json.h"
#include "evidence/digest.h"

namespace tom {

inline constexpr std::string_view kResultsName = "oscal/assessment-results.json";
// Namespace of the props that are ours.
inline constexpr std::string_view kOscalNamespace = "https://tom-audit.example.org/ns/oscal";

// The scalars of `object` in the order of their names: they become props, value by value.
std::map<std::string, std::string> ScalarsOf(const Json& object);
// "satisfied" or "not-satisfied", and "pass", "fail" or "other", of a measure's status.
std::string OscalState(std::string_view status);
std::string OscalReason(std::string_view status);
// Ids of a measure's control and of its one objective.
std::string ControlId(std::string_view measure);
std::string ObjectiveId(std::string_view measure);
// Whether the back-matter lists this payload file: all but OSCAL itself, the report and the readme.
bool IsOscalResource(std::string_view name);

// `digests` of the pack's payload. One result, its period; one finding for each measure with state,
// reason and props; one risk for each finding of a measure; one resource for each evidence file.
absl::Status CheckAssessmentResults(std::string_view bytes, const Json& numbers,
                                    const std::map<std::string, Digest>& digests);

}  // namespace tom

#endif  // TOM_EVIDENCE_OSCAL_AGREES_H_
