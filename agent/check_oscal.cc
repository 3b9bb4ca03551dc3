// CheckReport -> OSCAL assessment-results (formats.md section 1): one observation a row, one
// finding a measure.
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <map>

#include "agent/check_print.h"
#include "agent/text_output.h"
#include "checks/engine/clean_text.h"
#include "evidence/digest.h"

namespace tom {
namespace {

constexpr char kNamespace[] = "https://tom-audit.example.org/ns/oscal";
constexpr size_t kMaxText = 4096;

// RFC 4122 version 5, in a namespace derived from kNamespace (appendix C: names that are URLs).
std::string UuidV5(const std::string& space_raw, const std::string& name) {
  const std::string input = space_raw + name;
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  EVP_Digest(input.data(), input.size(), hash.data(), nullptr, EVP_sha1(), nullptr);
  hash[6] = static_cast<unsigned char>((hash[6] & 0x0F) | 0x50);
  hash[8] = static_cast<unsigned char>((hash[8] & 0x3F) | 0x80);
  const std::string hex = HexEncode({reinterpret_cast<const char*>(hash.data()), 16});
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

std::string Uuid(const std::string& name) {
  static const std::string space =
      HexDecode("6ba7b8119dad11d180b400c04fd430c8").value_or("") + kNamespace + "/";
  return UuidV5(space, name);
}

// An OSCAL string: one line, not empty, no blank at either end.
Json Text(std::string_view bytes) {
  std::string text = CleanText(bytes, kMaxText);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) <= ' '; }, ' ');
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return Json("-");
  return Json(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

Json Prop(const std::string& name, const std::string& value) {
  return Json::Object{{"name", name}, {"ns", kNamespace}, {"value", Text(value)}};
}

class Writer {
 public:
  explicit Writer(const CheckReport& report) : report_(report) {
    // A new document for every content; the same for the same.
    seed_ = Sha256(CheckJson(report)).Hex();
    host_ = Uuid("host/" + Value("name") + "/" + Value("root"));
    tool_ = Uuid("component/tom-agent");
    plan_ = Uuid("plan/" + report.catalogue_digest.Hex());
  }

  std::string Write() {
    const Json document = Json::Object{
        {"assessment-results",
         Json::Object{{"uuid", Uuid("document/" + seed_)},
                      {"metadata", Metadata()},
                      {"import-ap", Json::Object{{"href", "#" + plan_}}},
                      {"results", Json::Array{Result()}},
                      {"back-matter", Json::Object{{"resources", Json::Array{Plan()}}}}}}};
    return AsciiJson(Canonical(document)) + "\n";
  }

 private:
  std::string Value(const std::string& name) const {
    const auto found = report_.host.find(name);
    return found == report_.host.end() ? "" : found->second;
  }

  Json Metadata() const {
    return Json::Object{{"title", Text("Local check of " + Value("name"))},
                        {"last-modified", FormatUtc(report_.finished_at)},
                        {"version", "1"},
                        {"oscal-version", "1.2.2"}};
  }

  Json Plan() const {
    return Json::Object{
        {"uuid", plan_},
        {"title", "Checks of the catalogue"},
        {"description",
         "What was assessed: the checks of the catalogue whose canonical JSON has this digest."},
        {"props", Json::Array{Prop("catalogue-sha256", report_.catalogue_digest.Hex())}}};
  }

  Json Observation(const CheckResult& result, std::string& uuid) {
    const RowResult& row = result.row;
    uuid = Uuid("observation/" + seed_ + "/" + std::to_string(++observations_));
    Json::Array props{Prop("check-id", result.check),
                      Prop("outcome", std::string(VerdictName(row.verdict))),
                      Prop("severity", result.severity)};
    if (result.accepted) props.push_back(Prop("accepted-by", result.accepted->by));
    Json::Object members{
        {"uuid", uuid},
        {"title", Text(row.subject)},
        {"description", Text(row.reason.empty() ? row.subject : row.reason)},
        {"props", std::move(props)},
        {"methods", Json::Array{"TEST"}},
        {"types", Json::Array{"control-objective"}},
        {"origins",
         Json::Array{Json::Object{
             {"actors", Json::Array{Json::Object{{"type", "tool"}, {"actor-uuid", tool_}}}}}}},
        {"subjects",
         Json::Array{Json::Object{{"subject-uuid", host_}, {"type", "inventory-item"}}}},
        {"collected", FormatUtc(report_.finished_at)}};
    if (!row.evidence.AsObject().empty()) {
      members.emplace("relevant-evidence",
                      Json::Array{Json::Object{{"description", Text(Canonical(row.evidence))}}});
    }
    return members;
  }

  struct Measure {
    Json::Array related;
    bool pass = false;
    bool fail = false;
    bool unknown = false;
  };

  static Json Finding(const std::string& seed, const std::string& id, const Measure& measure) {
    const bool holds = measure.pass && !measure.fail && !measure.unknown;
    const std::string reason = measure.fail ? "fail" : holds ? "pass" : "other";
    return Json::Object{
        {"uuid", Uuid("finding/" + seed + "/" + id)},
        {"title", Text(id)},
        {"description", Text("All observed subjects of the measure " + id)},
        {"target",
         Json::Object{{"type", "objective-id"},
                      {"target-id", "tom-" + id + "_obj"},
                      {"status", Json::Object{{"state", holds ? "satisfied" : "not-satisfied"},
                                              {"reason", reason}}}}},
        {"related-observations", measure.related}};
  }

  Json LocalDefinitions() const {
    Json::Array props;
    for (const auto& [name, value] : report_.host) props.push_back(Prop("host-" + name, value));
    return Json::Object{
        {"inventory-items",
         Json::Array{Json::Object{{"uuid", host_},
                                  {"description", Text("The host " + Value("name"))},
                                  {"props", std::move(props)}}}},
        {"components", Json::Array{Json::Object{
                           {"uuid", tool_},
                           {"type", "software"},
                           {"title", "tom-agent"},
                           {"description", "Reads facts of the host and runs checks over them."},
                           {"status", Json::Object{{"state", "operational"}}}}}}};
  }

  Json Result() {
    std::map<std::string, Measure> measures;
    Json::Array observations;
    for (const CheckResult& result : report_.results) {
      std::string uuid;
      observations.push_back(Observation(result, uuid));
      Measure& measure = measures[result.measure];
      measure.related.push_back(Json::Object{{"observation-uuid", uuid}});
      if (result.accepted) continue;
      measure.pass = measure.pass || result.row.verdict == Verdict::kPass;
      measure.fail = measure.fail || result.row.verdict == Verdict::kFail;
      measure.unknown = measure.unknown || result.row.verdict == Verdict::kUnknown;
    }
    Json::Array findings;
    Json::Array controls;
    for (const auto& [id, measure] : measures) {
      findings.push_back(Finding(seed_, id, measure));
      controls.push_back(Json::Object{{"control-id", "tom-" + id}});
    }
    Json::Object selection;
    if (controls.empty()) {
      selection.emplace("description", "No check ran.");
    } else {
      selection.emplace("include-controls", std::move(controls));
    }
    Json::Object members{{"uuid", Uuid("result/" + seed_)},
                         {"title", "Local check"},
                         {"description", "One look at one host; nothing here is signed."},
                         {"start", FormatUtc(report_.started_at)},
                         {"end", FormatUtc(report_.finished_at)},
                         {"local-definitions", LocalDefinitions()},
                         {"reviewed-controls",
                          Json::Object{{"control-selections", Json::Array{std::move(selection)}}}}};
    if (!observations.empty()) members.emplace("observations", std::move(observations));
    if (!findings.empty()) members.emplace("findings", std::move(findings));
    return members;
  }

  const CheckReport& report_;
  std::string seed_;
  std::string host_;
  std::string tool_;
  std::string plan_;
  size_t observations_ = 0;
};

}  // namespace

std::string CheckOscal(const CheckReport& report) { return Writer(report).Write(); }

}  // namespace tom
