#include "checks/parse/oval_definitions.h"

#include <expat.h>

#include <algorithm>

#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr std::string_view kOval = "http://oval.mitre.org/XMLSchema/oval-";
constexpr size_t kMaxText = 4096;
constexpr int64_t kMaxToken = 4 << 20;  // expat keeps a token until it is whole
constexpr size_t kMaxReferences = 500;
constexpr size_t kMaxPlatforms = 50;
constexpr char kBetween = '\n';  // stands between a name space and a name

// The local name of an element of OVAL; empty for all others.
std::string_view Local(const char* name) {
  const std::string_view full = name;
  if (!full.starts_with(kOval)) return {};
  const size_t at = full.rfind(kBetween);
  return at == std::string_view::npos ? std::string_view() : full.substr(at + 1);
}

class Attributes {
 public:
  explicit Attributes(const char** all) : all_(all) {}
  // Null where there is none.
  const char* Find(std::string_view name) const {
    for (const char** at = all_; *at != nullptr; at += 2) {
      if (name == at[0]) return at[1];
    }
    return nullptr;
  }
  std::string_view Text(std::string_view name) const {
    const char* value = Find(name);
    return value == nullptr ? std::string_view() : std::string_view(value).substr(0, kMaxText);
  }
  bool Is(std::string_view name, std::string_view value) const { return Text(name) == value; }

 private:
  const char** all_;
};

std::string Trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

void SetAt(std::vector<uint32_t>& list, uint32_t at, size_t value) {
  if (list.size() <= at) list.resize(at + 1, kNoOval);
  list[at] = static_cast<uint32_t>(value);
}

OvalTest::Kind TestKind(std::string_view name) {
  if (name == "dpkginfo_test") return OvalTest::Kind::kPackage;
  if (name == "textfilecontent54_test") return OvalTest::Kind::kTextFile;
  if (name == "uname_test") return OvalTest::Kind::kUname;
  if (name == "family_test") return OvalTest::Kind::kFamily;
  return OvalTest::Kind::kOther;
}

// Patterns whose first group is the number that a text begins with.
bool IsLeadingNumber(std::string_view pattern) {
  if (pattern.starts_with('^')) pattern.remove_prefix(1);
  return pattern.starts_with("(\\d+)") || pattern.starts_with("([0-9]+)");
}

}  // namespace

class OvalReader::Handler {
 public:
  Handler() : parser_(XML_ParserCreateNS(nullptr, kBetween), &XML_ParserFree) {
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), Start, End);
    XML_SetCharacterDataHandler(parser_.get(), Text);
    XML_SetStartDoctypeDeclHandler(parser_.get(), Doctype);
  }

  absl::Status Feed(std::string_view piece, bool last) {
    const auto fed =
        XML_Parse(parser_.get(), piece.data(), static_cast<int>(piece.size()), last ? 1 : 0);
    fed_ += static_cast<int64_t>(piece.size());
    const int64_t at = XML_GetCurrentByteIndex(parser_.get());
    if (fed_ - std::max<int64_t>(at, 0) > kMaxToken) {
      return absl::ResourceExhaustedError("a tag or text longer than is read");
    }
    if (fed == XML_STATUS_OK) return absl::OkStatus();
    if (full_) return absl::ResourceExhaustedError("more than is kept");
    const auto line = std::to_string(XML_GetCurrentLineNumber(parser_.get()));
    const std::string what =
        refused_.empty() ? XML_ErrorString(XML_GetErrorCode(parser_.get())) : refused_;
    return BadData("line " + line + ": " + what);
  }

  OvalFile Take() { return std::move(file_); }

 private:
  enum class Section { kNone, kGenerator, kDefinitions, kTests, kObjects, kStates };
  enum class Capture {
    kNothing,
    kTimestamp,
    kPlatform,
    kSeverity,
    kPackageName,
    kFilePath,
    kFileName,
    kPattern,
    kEntity
  };

  static Handler& Of(void* data) { return *static_cast<Handler*>(data); }
  static void XMLCALL Doctype(void* data, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    Of(data).Refuse("a document type, which is not read");
  }
  static void XMLCALL Start(void* data, const XML_Char* name, const XML_Char** attributes) {
    Of(data).Open(Local(name), Attributes(attributes));
  }
  static void XMLCALL End(void* data, const XML_Char*) { Of(data).Close(); }
  static void XMLCALL Text(void* data, const XML_Char* text, int size) {
    Handler& handler = Of(data);
    if (handler.capture_ == Capture::kNothing || handler.text_.size() >= kMaxText) return;
    handler.text_.append(text, std::min(static_cast<size_t>(size), kMaxText));
  }

  void Refuse(const char* what) {
    refused_ = what;
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  size_t Kept() const {
    return file_.texts.bytes() + file_.nodes.capacity() * sizeof(OvalNode) +
           file_.definitions.capacity() * sizeof(OvalDefinition) + references_ * 8 +
           file_.tests.capacity() * sizeof(OvalTest) + file_.objects.capacity() * 8 +
           file_.states.capacity() * sizeof(OvalState) + parts_ * 16;
  }

  void Open(std::string_view name, const Attributes& attributes) {
    capture_ = Capture::kNothing;
    if (++depth_ > kMaxOvalDepth) return Refuse("elements too deep");
    if (Kept() > kMaxOvalKept) {
      full_ = true;
      return Refuse("more than is kept");
    }
    if (depth_ == 1) {
      if (name != "oval_definitions") Refuse("no oval_definitions");
    } else if (depth_ == 2) {
      OpenSection(name);
    } else if (section_ == Section::kDefinitions) {
      OpenInDefinitions(name, attributes);
    } else if (section_ == Section::kTests) {
      OpenInTests(name, attributes);
    } else if (section_ == Section::kObjects) {
      OpenInObjects(name, attributes);
    } else if (section_ == Section::kStates) {
      OpenInStates(name, attributes);
    } else if (section_ == Section::kGenerator && name == "timestamp") {
      Begin(Capture::kTimestamp);
    }
  }

  void OpenSection(std::string_view name) {
    section_ = Section::kNone;
    if (name == "generator") section_ = Section::kGenerator;
    if (name == "definitions") section_ = Section::kDefinitions;
    if (name == "tests") section_ = Section::kTests;
    if (name == "objects") section_ = Section::kObjects;
    if (name == "states") section_ = Section::kStates;
  }

  void Begin(Capture capture) {
    capture_ = capture;
    capture_depth_ = depth_;
    text_.clear();
  }

  uint32_t Number(std::string_view text) { return file_.texts.Add(text); }
  uint32_t NumberOr(const Attributes& attributes, std::string_view name) {
    const char* value = attributes.Find(name);
    return value == nullptr ? kNoOval : Number(std::string_view(value).substr(0, kMaxText));
  }

  void OpenInDefinitions(std::string_view name, const Attributes& attributes) {
    if (depth_ == 3) {
      in_definition_ = name == "definition";
      in_metadata_ = false;
      if (!in_definition_) return;
      OvalDefinition one;
      one.id = Number(attributes.Text("id"));
      one.weakness = attributes.Is("class", "vulnerability") || attributes.Is("class", "patch");
      SetAt(file_.definition_of, one.id, file_.definitions.size());
      file_.definitions.push_back(std::move(one));
      return;
    }
    if (!in_definition_) return;
    if (depth_ == 4) in_metadata_ = name == "metadata";
    if (in_metadata_) return OpenInMetadata(name, attributes);
    if (name == "criteria") AddCriteria(attributes);
    if (name == "criterion") AddLeaf(OvalNode::Kind::kTest, attributes, "test_ref");
    if (name == "extend_definition") {
      AddLeaf(OvalNode::Kind::kDefinition, attributes, "definition_ref");
    }
  }

  void OpenInMetadata(std::string_view name, const Attributes& attributes) {
    OvalDefinition& one = file_.definitions.back();
    if (name == "platform") Begin(Capture::kPlatform);
    if (name == "severity") Begin(Capture::kSeverity);
    if (name != "reference" || !attributes.Is("source", "CVE")) return;
    const std::string_view id = attributes.Text("ref_id");
    if (id.empty() || one.cves.size() >= kMaxReferences) return;
    ++references_;
    one.cves.push_back(Number(id));
  }

  void AddCriteria(const Attributes& attributes) {
    const std::string_view operation = attributes.Text("operator");
    OvalNode::Kind kind = OvalNode::Kind::kNotKnown;
    if (operation.empty() || operation == "AND") kind = OvalNode::Kind::kAnd;
    if (operation == "OR") kind = OvalNode::Kind::kOr;
    if (operation == "ONE") kind = OvalNode::Kind::kOne;
    if (operation == "XOR") kind = OvalNode::Kind::kXor;
    open_.push_back({depth_, AddNode(kind, attributes)});
  }

  void AddLeaf(OvalNode::Kind kind, const Attributes& attributes, std::string_view ref) {
    const uint32_t node = AddNode(kind, attributes);
    file_.nodes[node].ref = NumberOr(attributes, ref);
  }

  uint32_t AddNode(OvalNode::Kind kind, const Attributes& attributes) {
    const auto at = static_cast<uint32_t>(file_.nodes.size());
    OvalDefinition& one = file_.definitions.back();
    // One tree a definition: what stands beside the first is not known to matter.
    if (one.node == kNoOval) one.node = at;
    OvalNode node;
    node.kind = kind;
    node.negate = attributes.Is("negate", "true") || attributes.Is("negate", "1");
    node.end = at + 1;
    file_.nodes.push_back(node);
    return at;
  }

  void OpenInTests(std::string_view name, const Attributes& attributes) {
    if (depth_ == 3) {
      OvalTest test;
      test.kind = TestKind(name);
      test.any_state = attributes.Is("state_operator", "OR");
      const std::string_view operation = attributes.Text("state_operator");
      test.other = !operation.empty() && operation != "AND" && operation != "OR";
      test.check = NumberOr(attributes, "check");
      test.existence = NumberOr(attributes, "check_existence");
      SetAt(file_.test_of, Number(attributes.Text("id")), file_.tests.size());
      file_.tests.push_back(std::move(test));
    } else if (depth_ == 4 && name == "object") {
      file_.tests.back().object = NumberOr(attributes, "object_ref");
    } else if (depth_ == 4 && name == "state") {
      ++parts_;
      file_.tests.back().states.push_back(NumberOr(attributes, "state_ref"));
    }
  }

  void OpenInObjects(std::string_view name, const Attributes& attributes) {
    if (depth_ == 3) {
      path_.clear();
      SetAt(file_.object_of, Number(attributes.Text("id")), file_.objects.size());
      file_.objects.emplace_back();
      package_object_ = name == "dpkginfo_object";
      return;
    }
    OvalObject& object = file_.objects.back();
    const bool plain =
        attributes.Find("var_ref") == nullptr &&
        (attributes.Find("operation") == nullptr || attributes.Is("operation", "equals"));
    if (name == "set" || name == "filter" || name == "behaviors") object.other = true;
    if (depth_ != 4) return;
    if (package_object_) {
      if (name != "name") return;
      object.other = object.other || !plain;
      return Begin(Capture::kPackageName);
    }
    if (name == "pattern") return Begin(Capture::kPattern);
    if (name != "path" && name != "filename" && name != "filepath") return;
    object.other = object.other || !plain;
    Begin(name == "filename" ? Capture::kFileName : Capture::kFilePath);
  }

  void OpenInStates(std::string_view name, const Attributes& attributes) {
    if (depth_ == 3) {
      OvalState state;
      const std::string_view operation = attributes.Text("operator");
      state.any = operation == "OR";
      state.other = !operation.empty() && operation != "AND" && operation != "OR";
      SetAt(file_.state_of, Number(attributes.Text("id")), file_.states.size());
      file_.states.push_back(std::move(state));
    } else if (depth_ == 4 && name != "notes") {
      OvalState& state = file_.states.back();
      if (attributes.Find("var_ref") != nullptr) state.other = true;
      ++parts_;
      state.entities.push_back({Number(name), NumberOr(attributes, "operation"), kNoOval});
      Begin(Capture::kEntity);
    }
  }

  void Close() {
    if (capture_ != Capture::kNothing && depth_ == capture_depth_) Keep(Trimmed(text_));
    capture_ = Capture::kNothing;
    if (!open_.empty() && open_.back().depth == depth_) {
      file_.nodes[open_.back().node].end = static_cast<uint32_t>(file_.nodes.size());
      open_.pop_back();
    }
    --depth_;
  }

  void Keep(const std::string& text) {
    switch (capture_) {
      case Capture::kTimestamp:
        file_.timestamp = text;
        break;
      case Capture::kPlatform:
        if (file_.platforms.size() < kMaxPlatforms) file_.platforms.insert(text);
        break;
      case Capture::kSeverity:
        file_.definitions.back().severity = Number(text);
        break;
      case Capture::kEntity:
        file_.states.back().entities.back().value = Number(text);
        break;
      case Capture::kNothing:
        break;
      default:
        KeepOfObject(file_.objects.back(), text);
    }
  }

  void KeepOfObject(OvalObject& object, const std::string& text) {
    if (capture_ == Capture::kPattern) {
      object.other = object.other || !IsLeadingNumber(text);
      return;
    }
    if (capture_ == Capture::kPackageName) {
      object.name = Number(text);
      return;
    }
    path_ = capture_ == Capture::kFilePath ? text + path_ : path_ + "/" + text;
    object.name = Number(path_);
  }

  struct Opened {
    size_t depth;
    uint32_t node;
  };

  std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser_;
  OvalFile file_;
  Section section_ = Section::kNone;
  Capture capture_ = Capture::kNothing;
  size_t capture_depth_ = 0;
  std::string text_;
  std::string path_;  // of a file that an object names
  std::string refused_;
  std::vector<Opened> open_;
  size_t depth_ = 0;
  int64_t fed_ = 0;  // bytes
  size_t references_ = 0;
  size_t parts_ = 0;
  bool in_definition_ = false;
  bool in_metadata_ = false;
  bool package_object_ = false;
  bool full_ = false;
};

OvalReader::OvalReader() : handler_(std::make_unique<Handler>()) {}
OvalReader::~OvalReader() = default;

absl::Status OvalReader::Take(std::string_view piece) {
  return piece.empty() ? absl::OkStatus() : handler_->Feed(piece, false);
}

absl::StatusOr<OvalFile> OvalReader::Finish() {
  TOM_RETURN_IF_ERROR(handler_->Feed("", true));
  return handler_->Take();
}

}  // namespace tom
