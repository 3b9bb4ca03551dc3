#include "checks/parse/scap_results.h"

#include <expat.h>

#include <algorithm>
#include <map>
#include <memory>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr std::string_view kXccdf[] = {"http://checklists.nist.gov/xccdf/1.2",
                                       "http://checklists.nist.gov/xccdf/1.1"};
constexpr size_t kMaxText = 4096;
constexpr char kBetween = '\n';  // stands between a name space and a name

// The local name of an element of XCCDF; empty for all others.
std::string_view Local(const char* name) {
  const std::string_view full = name;
  const size_t at = full.rfind(kBetween);
  if (at == std::string_view::npos) return {};
  for (const std::string_view space : kXccdf) {
    if (full.substr(0, at) == space) return full.substr(at + 1);
  }
  return {};
}

std::string Attribute(const char** attributes, std::string_view name) {
  for (; *attributes != nullptr; attributes += 2) {
    if (name == attributes[0]) return std::string(attributes[1]).substr(0, kMaxText);
  }
  return "";
}

class Reader {
 public:
  Reader() : parser_(XML_ParserCreateNS(nullptr, kBetween), &XML_ParserFree) {
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), Start, End);
    XML_SetCharacterDataHandler(parser_.get(), Text);
    XML_SetStartDoctypeDeclHandler(parser_.get(), Doctype);
  }

  absl::Status Feed(const std::string& piece, bool last) {
    if (XML_Parse(parser_.get(), piece.data(), static_cast<int>(piece.size()), last ? 1 : 0) ==
        XML_STATUS_OK) {
      return absl::OkStatus();
    }
    const auto line = std::to_string(XML_GetCurrentLineNumber(parser_.get()));
    const std::string what =
        refused_.empty() ? XML_ErrorString(XML_GetErrorCode(parser_.get())) : refused_;
    return BadData("line " + line + ": " + what);
  }

  absl::StatusOr<ScapResults> Take() {
    if (results_.test_results == 0) return BadData("no results of a test in it");
    for (ScapRule& rule : results_.rules) {
      const auto title = titles_.find(rule.rule);
      if (title != titles_.end()) rule.title = title->second;
    }
    return std::move(results_);
  }

 private:
  static Reader& Of(void* data) { return *static_cast<Reader*>(data); }
  static void XMLCALL Doctype(void* data, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    Of(data).Refuse("a document type, which is not read");
  }
  static void XMLCALL Start(void* data, const XML_Char* name, const XML_Char** attributes) {
    Of(data).Open(Local(name), attributes);
  }
  static void XMLCALL End(void* data, const XML_Char* name) { Of(data).Close(Local(name)); }
  static void XMLCALL Text(void* data, const XML_Char* text, int size) {
    Reader& reader = Of(data);
    if (reader.into_ == nullptr || reader.into_->size() >= kMaxText) return;
    reader.into_->append(text, std::min(static_cast<size_t>(size), kMaxText));
  }

  void Refuse(const char* what) {
    refused_ = what;
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  void Open(std::string_view name, const char** attributes) {
    into_ = nullptr;
    if (++depth_ > kMaxScapDepth) return Refuse("elements too deep");
    if (name == "Rule") {
      rule_ = Attribute(attributes, "id");
    } else if (name == "title" && !rule_.empty()) {
      if (titles_.size() >= kMaxScapRules) return Refuse("more rules than are read");
      into_ = &titles_[rule_];
      into_->clear();
    } else if (name == "TestResult") {
      Begin(attributes);
    } else if (inside_) {
      OpenInside(name, attributes);
    }
  }

  void Begin(const char** attributes) {
    const int count = results_.test_results + 1;
    results_ = {};
    results_.test_results = count;
    results_.start_time = Attribute(attributes, "start-time");
    results_.end_time = Attribute(attributes, "end-time");
    inside_ = true;
    in_rule_ = false;  // one test within another's rule: the rules begin anew
  }

  void OpenInside(std::string_view name, const char** attributes) {
    if (name == "rule-result") {
      if (results_.rules.size() >= kMaxScapRules) return Refuse("more rules than are read");
      results_.rules.push_back(
          {Attribute(attributes, "idref"), "", Attribute(attributes, "severity"), ""});
      in_rule_ = true;
    } else if (name == "result" && in_rule_) {
      into_ = &results_.rules.back().result;
    } else if (name == "profile") {
      results_.profile = Attribute(attributes, "idref");
    } else if (name == "benchmark") {
      results_.benchmark = Attribute(attributes, "id");
      if (results_.benchmark.empty()) results_.benchmark = Attribute(attributes, "href");
    } else if (name == "target") {
      into_ = &results_.target;
    }
  }

  void Close(std::string_view name) {
    --depth_;
    into_ = nullptr;
    if (name == "Rule") rule_.clear();
    if (name == "rule-result") in_rule_ = false;
    if (name == "TestResult") inside_ = false;
  }

  std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser_;
  ScapResults results_;
  std::map<std::string, std::string> titles_;
  std::string rule_;
  std::string refused_;
  std::string* into_ = nullptr;
  size_t depth_ = 0;
  bool inside_ = false;
  bool in_rule_ = false;
};

}  // namespace

absl::StatusOr<ScapResults> ParseScapResults(
    const std::function<absl::StatusOr<std::string>()>& next) {
  Reader reader;
  while (true) {
    TOM_ASSIGN_OR_RETURN(const std::string piece, next());
    TOM_RETURN_IF_ERROR(reader.Feed(piece, piece.empty()));
    if (piece.empty()) break;
  }
  return reader.Take();
}

}  // namespace tom
