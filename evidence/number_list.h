// The figures of a report (report_numbers.h) as a flat list: what the printed report shows and the
// verifier compares.
#ifndef TOM_EVIDENCE_NUMBER_LIST_H_
#define TOM_EVIDENCE_NUMBER_LIST_H_

#include <map>
#include <string>

#include "evidence/canonical_json.h"

namespace tom {

// Path -> text of every string and integer of `numbers`, such as "measures/backup/coverage" ->
// "0.98". The items of an array are named by their member "measure" or "id" where they have one,
// otherwise by position ("reasons/0"); members with '/' or '%' in their name are percent-encoded.
std::map<std::string, std::string> NumberList(const Json& numbers);

// The path of `key` under `parent` ("" = top).
std::string NumberPath(const std::string& parent, std::string_view key);

}  // namespace tom

#endif  // TOM_EVIDENCE_NUMBER_LIST_H_
