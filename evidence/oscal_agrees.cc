#include "evidence/oscal_agrees.h"

#include <optional>
#include <set>
#include <vector>

#include "evidence/status_text.h"

namespace tom {
namespace {

using Strings = std::map<std::string, std::string>;

std::string Text(const Json* value) {
  return value != nullptr && value->IsString() ? value->AsString() : "";
}

const Json* Path(const Json* from, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) from = from == nullptr ? nullptr : from->Find(key);
  return from;
}

std::vector<const Json*> Items(const Json* array) {
  std::vector<const Json*> items;
  if (array == nullptr || !array->IsArray()) return items;
  for (const Json& item : array->AsArray()) items.push_back(&item);
  return items;
}

// Our own props of an OSCAL object; nothing when one stands there twice.
std::optional<Strings> OwnProps(const Json& object) {
  Strings props;
  for (const Json* prop : Items(object.Find("props"))) {
    if (Text(prop->Find("ns")) != kOscalNamespace) continue;
    if (!props.emplace(Text(prop->Find("name")), Text(prop->Find("value"))).second) return {};
  }
  return props;
}

absl::Status SameProps(const Json& object, const Strings& expected, const std::string& where) {
  const std::optional<Strings> props = OwnProps(object);
  if (!props.has_value()) return BadData(where + ": a prop twice");
  if (*props == expected) return absl::OkStatus();
  for (const auto& [name, value] : expected) {
    const auto found = props->find(name);
    const std::string said = found == props->end() ? "nothing" : found->second;
    if (said != value) {
      return BadData(where + ": " + name + ": says " + said + ", the evidence gives " + value);
    }
  }
  return BadData(where + ": a prop that the evidence does not give");
}

absl::Status CheckFinding(const Json& finding, const Json& measure) {
  const std::string id = Text(measure.Find("measure"));
  const std::string status = Text(measure.Find("status"));
  const std::string state = Text(Path(&finding, {"target", "status", "state"}));
  if (state != OscalState(status) ||
      Text(Path(&finding, {"target", "status", "reason"})) != OscalReason(status)) {
    return BadData("finding " + id + ": state " + state + ", the evidence gives " + status);
  }
  return SameProps(finding, ScalarsOf(measure), "finding " + id);
}

absl::Status CheckFindings(const Json& result, const Json& numbers) {
  std::map<std::string, const Json*> findings;
  for (const Json* finding : Items(result.Find("findings"))) {
    if (!findings.emplace(Text(Path(finding, {"target", "target-id"})), finding).second) {
      return BadData("two findings for one objective");
    }
  }
  const std::vector<const Json*> measures = Items(numbers.Find("measures"));
  if (measures.size() != findings.size()) return BadData("not one finding for each measure");
  for (const Json* measure : measures) {
    const auto found = findings.find(ObjectiveId(Text(measure->Find("measure"))));
    if (found == findings.end()) {
      return BadData("no finding for the measure " + Text(measure->Find("measure")));
    }
    TOM_RETURN_IF_ERROR(CheckFinding(*found->second, *measure));
  }
  return absl::OkStatus();
}

absl::Status CheckRisks(const Json& result, const Json& numbers) {
  std::map<std::string, const Json*> risks;
  for (const Json* risk : Items(result.Find("risks"))) {
    const std::optional<Strings> props = OwnProps(*risk);
    if (!props.has_value()) return BadData("a risk with a prop twice");
    const auto id = props->find("id");
    if (id == props->end() || !risks.emplace(id->second, risk).second) {
      return BadData("two risks of one id, or one without");
    }
  }
  size_t expected = 0;
  for (const Json* measure : Items(numbers.Find("measures"))) {
    for (const Json* finding : Items(measure->Find("findings"))) {
      const std::string id = Text(finding->Find("id"));
      const auto found = risks.find(id);
      if (found == risks.end()) return BadData("no risk for the finding " + id);
      TOM_RETURN_IF_ERROR(SameProps(*found->second, ScalarsOf(*finding), "risk " + id));
      ++expected;
    }
  }
  return expected == risks.size() ? absl::OkStatus()
                                  : BadData("a risk that the evidence does not give");
}

absl::Status CheckResources(const Json& document, const std::map<std::string, Digest>& digests) {
  std::set<std::string> listed;
  for (const Json* resource : Items(Path(&document, {"back-matter", "resources"}))) {
    for (const Json* link : Items(resource->Find("rlinks"))) {
      const std::string href = Text(link->Find("href"));
      if (href.compare(0, 3, "../") != 0) return BadData("a resource outside the pack: " + href);
      const auto file = digests.find(href.substr(3));
      const std::vector<const Json*> hashes = Items(link->Find("hashes"));
      if (file == digests.end() || hashes.size() != 1 ||
          Text(hashes[0]->Find("algorithm")) != "SHA-256" ||
          Text(hashes[0]->Find("value")) != file->second.Hex()) {
        return BadData("the back-matter's digest of " + href + " is not the file's");
      }
      listed.insert(file->first);
    }
  }
  for (const auto& [name, digest] : digests) {
    if (IsOscalResource(name) && listed.count(name) == 0) {
      return BadData("the back-matter does not list " + name);
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::map<std::string, std::string> ScalarsOf(const Json& object) {
  Strings out;
  if (!object.IsObject()) return out;
  for (const auto& [name, value] : object.AsObject()) {
    if (value.IsString() && !value.AsString().empty()) out[name] = value.AsString();
    if (value.IsInteger()) out[name] = std::to_string(value.AsInteger());
  }
  return out;
}

std::string OscalState(std::string_view status) {
  const bool good = status == "satisfied" || status == "satisfied_with_exceptions";
  return good ? "satisfied" : "not-satisfied";
}

std::string OscalReason(std::string_view status) {
  if (status == "satisfied" || status == "satisfied_with_exceptions") return "pass";
  return status == "not_satisfied" ? "fail" : "other";
}

std::string ControlId(std::string_view measure) { return "tom-" + std::string(measure); }

std::string ObjectiveId(std::string_view measure) { return ControlId(measure) + "_obj"; }

bool IsOscalResource(std::string_view name) {
  return name == "pack.json" || name.substr(0, 9) == "evidence/" || name.substr(0, 7) == "ledger/";
}

absl::Status CheckAssessmentResults(std::string_view bytes, const Json& numbers,
                                    const std::map<std::string, Digest>& digests) {
  TOM_ASSIGN_OR_RETURN(const Json file, ParseCanonical(bytes));
  const Json* document = file.Find("assessment-results");
  if (document == nullptr) return BadData("no assessment-results document");
  const std::vector<const Json*> results = Items(document->Find("results"));
  if (results.size() != 1) return BadData("not exactly one result");
  const Json& result = *results[0];
  if (Text(result.Find("start")) != Text(Path(&numbers, {"period", "from"})) ||
      Text(result.Find("end")) != Text(Path(&numbers, {"period", "to"}))) {
    return BadData("another period than the evidence's");
  }
  TOM_RETURN_IF_ERROR(CheckFindings(result, numbers));
  TOM_RETURN_IF_ERROR(CheckRisks(result, numbers));
  return CheckResources(*document, digests);
}

}  // namespace tom
