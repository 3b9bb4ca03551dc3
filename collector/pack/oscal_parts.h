// Pieces that several OSCAL documents of a pack share. Internal to the writers.
#ifndef TOM_COLLECTOR_PACK_OSCAL_PARTS_H_
#define TOM_COLLECTOR_PACK_OSCAL_PARTS_H_

#include <map>
#include <string>
#include <vector>

#include "collector/pack/report_model.h"

namespace tom {

class OscalParts {
 public:
  explicit OscalParts(const ReportModel& model);

  const ReportModel& model() const { return model_; }
  // The id of a thing that is the same in every pack of this ledger.
  std::string Id(std::string_view kind, std::string_view name) const;
  // The id of a thing of this very export: period and ledger state are part of its name.
  std::string ExportId(std::string_view kind, std::string_view name) const;
  Json Metadata(std::string_view title) const;
  // Ids of the profile's measures, sorted.
  std::vector<std::string> Measures() const;
  Json ReviewedControls() const;
  // Checks of the catalogue that serve one of the profile's measures.
  std::vector<const Check*> Checks() const;

  // {name, ns, value}, the value made fit.
  static Json Prop(std::string_view name, std::string_view value);
  static Json::Array Props(const std::map<std::string, std::string>& values);

 private:
  const ReportModel& model_;
  std::string space_;
  std::string last_modified_;
  std::string state_;
};

Json OscalCatalog(const OscalParts& parts);
Json OscalProfile(const OscalParts& parts);
Json OscalPlan(const OscalParts& parts);
Json OscalResults(const OscalParts& parts);

// Members of the figures.
std::string NumberText(const Json& object, std::string_view key);
std::vector<const Json*> NumberItems(const Json& object, std::string_view key);

}  // namespace tom

#endif  // TOM_COLLECTOR_PACK_OSCAL_PARTS_H_
