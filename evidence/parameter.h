// Values of a check's parameters: their types, and which of two is stricter.
//
// text         a string                                    ordered: never
// integer      an integer                                  by size
// duration     "26h", as ParseDurationSeconds reads it     by seconds
// tls_version  SSLv2, SSLv3, TLSv1.0 ... TLSv1.3           by TlsRank
// list         an array of strings, sorted                 by inclusion
//
// An empty list has no canonical form: where values stand in signed JSON it is left out
// (records.md: absent is absent).
#ifndef TOM_EVIDENCE_PARAMETER_H_
#define TOM_EVIDENCE_PARAMETER_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "evidence/canonical_json.h"

namespace tom {

// A value that a profile or a host may set; `stricter` tells which way a host may move it.
struct Parameter {
  Json value;            // string, integer or array of strings
  std::string type;      // text | integer | duration | tls_version | list
  std::string stricter;  // lower | higher | subset | superset | declared (only the site can know
                         // it; loosens nothing)
  std::string personal;  // "" or what kind of person its values name ("user"): pseudonymised like a
                         // column of that kind
};

// SSLv2 2, SSLv3 3, TLSv1.0 10, TLSv1.1 11, TLSv1.2 12, TLSv1.3 13; nothing for any other spelling.
std::optional<int> TlsRank(std::string_view version);

// The type is one of the five, the direction fits it, and the value is of the type.
absl::Status CheckParameter(const Parameter& parameter, std::string_view where);

// `raw` as a value of the parameter's type: digits become an integer, a list is sorted without
// duplicates and takes a single text as its only item. An error says what the type asks for.
absl::StatusOr<Json> TypedValue(const Parameter& parameter, const Json& raw);

// Whether taking `candidate` instead of `base` would loosen the promise. Both are typed values.
// `declared` never does. A text that differs is looser: nothing says that it is not.
bool Loosens(const Parameter& parameter, const Json& base, const Json& candidate);

// The value that holds where both are demanded: the stricter one, the intersection (subset) or
// union (superset) of lists, and the later of two declared ones.
Json BothDemanded(const Parameter& parameter, const Json& base, const Json& candidate);

}  // namespace tom

#endif  // TOM_EVIDENCE_PARAMETER_H_
