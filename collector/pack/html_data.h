// Pieces of the report's template data. Includes mustache, which is slow to compile: only the units
// that fill the template include this.
#ifndef TOM_COLLECTOR_PACK_HTML_DATA_H_
#define TOM_COLLECTOR_PACK_HTML_DATA_H_

#include <kainjow/mustache.hpp>
#include <string>
#include <string_view>

#include "collector/pack/report_model.h"

namespace tom::html {

using Data = kainjow::mustache::data;
using List = kainjow::mustache::list;

// A figure for the partial `n`: {path, text}, the text as the verifier expects it.
Data Figure(const std::string& path, std::string_view text);

// The member `key` of `object`, whose path is `path`, under the name `as`; nothing where it is not
// there.
void SetFigure(Data& data, const char* as, const Json& object, const std::string& path,
               std::string_view key);

// Measures with their figures, findings and gaps, in the figures' order.
List Measures(const ReportModel& model);

// Those that do not simply hold: not satisfied, or satisfied with exceptions.
List MeasuresToAttend(const ReportModel& model);

// The clauses of the profile, each with status and coverage of its measures.
List Clauses(const ReportModel& model);

}  // namespace tom::html

#endif  // TOM_COLLECTOR_PACK_HTML_DATA_H_
