#include "checks/parse/oval_evaluate.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "checks/parse/deb_version.h"
#include "checks/parse/plain_number.h"

namespace tom {
namespace {

enum class Truth : uint8_t { kFalse, kTrue, kNotKnown, kNotAsked, kAsking };

constexpr int kMaxExtended = 20;
constexpr std::string_view kRelease = "/etc/debian_version";

Truth Of(bool value) { return value ? Truth::kTrue : Truth::kFalse; }
Truth Not(Truth one) { return one == Truth::kNotKnown ? one : Of(one == Truth::kFalse); }
Truth And(Truth one, Truth other) {
  if (one == Truth::kFalse || other == Truth::kFalse) return Truth::kFalse;
  return one == Truth::kNotKnown ? one : other;
}
Truth Or(Truth one, Truth other) { return Not(And(Not(one), Not(other))); }

Truth Compare(std::string_view operation, int order) {
  if (operation.empty() || operation == "equals") return Of(order == 0);
  if (operation == "not equal") return Of(order != 0);
  if (operation == "less than") return Of(order < 0);
  if (operation == "less than or equal") return Of(order <= 0);
  if (operation == "greater than") return Of(order > 0);
  if (operation == "greater than or equal") return Of(order >= 0);
  return Truth::kNotKnown;
}

uint32_t At(const std::vector<uint32_t>& list, uint32_t number) {
  return number < list.size() ? list[number] : kNoOval;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

// A package in the light of one name: as itself, or as its source.
struct Item {
  size_t package;
  bool by_source;
};

class Evaluation {
 public:
  Evaluation(const OvalFile& file, const OvalHost& host)
      : file_(file),
        host_(host),
        tests_(file.tests.size(), Truth::kNotAsked),
        definitions_(file.definitions.size(), Truth::kNotAsked) {
    for (size_t i = 0; i < host.packages.size(); ++i) {
      const OvalPackage& package = host.packages[i];
      const uint32_t name = file.texts.Find(package.name);
      if (name != kNoOval) items_[name].push_back({i, false});
      if (package.source == package.name) continue;
      const uint32_t source = file.texts.Find(package.source);
      if (source != kNoOval) items_[source].push_back({i, true});
    }
  }

  OvalOutcome Run() {
    CountPackages();
    CollectReleases();
    for (size_t i = 0; i < file_.definitions.size(); ++i) {
      const OvalDefinition& one = file_.definitions[i];
      if (!one.weakness || one.node == kNoOval) continue;
      ++outcome_.definitions;
      const Truth truth = Definition(i, 0);
      if (truth == Truth::kTrue) Found(one);
      if (truth == Truth::kNotKnown) Undecided(one);
    }
    for (auto& [key, finding] : found_) outcome_.findings.push_back(std::move(finding));
    return std::move(outcome_);
  }

 private:
  std::string_view Text(uint32_t number) const { return file_.texts.At(number); }

  // Null where there is none of that id.
  const OvalObject* ObjectOf(const OvalTest& test) const {
    const uint32_t at = At(file_.object_of, test.object);
    return at < file_.objects.size() ? &file_.objects[at] : nullptr;
  }

  void CountPackages() {
    std::set<size_t> known;
    for (const OvalTest& test : file_.tests) {
      if (test.kind != OvalTest::Kind::kPackage) continue;
      const OvalObject* object = ObjectOf(test);
      const auto items = object ? items_.find(object->name) : items_.end();
      if (items == items_.end()) continue;
      for (const Item& item : items->second) known.insert(item.package);
    }
    outcome_.packages = known.size();
  }

  void CollectReleases() {
    std::set<int64_t> releases;
    for (const OvalTest& test : file_.tests) {
      if (const auto number = ReleaseOf(test)) releases.insert(*number);
    }
    for (const std::string& platform : file_.platforms) {
      if (!releases.empty() || !platform.starts_with("Debian")) continue;
      const std::string last = platform.substr(platform.rfind(' ') + 1);
      if (const auto number = PlainNumber(last.substr(0, last.find('.')), 4)) {
        outcome_.releases.push_back(*number);
      }
    }
    if (!releases.empty()) outcome_.releases.assign(releases.begin(), releases.end());
  }

  void Undecided(const OvalDefinition& one) {
    if (outcome_.undecided++ == 0) outcome_.first_undecided = Text(one.id);
  }

  Truth Definition(size_t at, int depth) {
    Truth& kept = definitions_[at];
    if (kept == Truth::kAsking || depth > kMaxExtended) return Truth::kNotKnown;
    if (kept != Truth::kNotAsked) return kept;
    kept = Truth::kAsking;
    const OvalDefinition& one = file_.definitions[at];
    const Truth truth = one.node == kNoOval ? Truth::kNotKnown : Node(one.node, depth);
    return definitions_[at] = truth;
  }

  Truth Node(uint32_t at, int depth) {
    const OvalNode& node = file_.nodes[at];
    Truth truth = Truth::kNotKnown;
    if (node.kind == OvalNode::Kind::kTest) {
      const uint32_t test = At(file_.test_of, node.ref);
      if (test < tests_.size()) truth = Test(test);
    } else if (node.kind == OvalNode::Kind::kDefinition) {
      const uint32_t other = At(file_.definition_of, node.ref);
      if (other < definitions_.size()) truth = Definition(other, depth + 1);
    } else {
      truth = Criteria(at, depth);
    }
    return node.negate ? Not(truth) : truth;
  }

  Truth Criteria(uint32_t at, int depth) {
    const OvalNode& node = file_.nodes[at];
    size_t truths = 0;
    size_t unknown = 0;
    size_t all = 0;
    for (uint32_t child = at + 1; child < node.end; child = file_.nodes[child].end) {
      const Truth truth = Node(child, depth);
      ++all;
      truths += truth == Truth::kTrue ? 1 : 0;
      unknown += truth == Truth::kNotKnown ? 1 : 0;
      if (node.kind == OvalNode::Kind::kAnd && truth == Truth::kFalse) return Truth::kFalse;
      if (node.kind == OvalNode::Kind::kOr && truth == Truth::kTrue) return Truth::kTrue;
    }
    if (all == 0 || unknown > 0 || node.kind == OvalNode::Kind::kNotKnown) return Truth::kNotKnown;
    if (node.kind == OvalNode::Kind::kOne) return Of(truths == 1);
    if (node.kind == OvalNode::Kind::kXor) return Of(truths % 2 == 1);
    return Of(node.kind == OvalNode::Kind::kAnd);
  }

  Truth Test(uint32_t at) {
    if (tests_[at] == Truth::kNotAsked) tests_[at] = Ask(file_.tests[at]);
    return tests_[at];
  }

  Truth Ask(const OvalTest& test) const {
    if (test.other) return Truth::kNotKnown;
    switch (test.kind) {
      case OvalTest::Kind::kPackage:
        return AskPackages(test);
      case OvalTest::Kind::kTextFile: {
        const auto number = ReleaseOf(test);
        if (!number || !host_.release) return Truth::kNotKnown;
        return Of(*number == *host_.release);
      }
      case OvalTest::Kind::kUname:  // there is always a kernel
        return test.states.empty() ? Truth::kTrue : Truth::kNotKnown;
      case OvalTest::Kind::kFamily:
        return AskFamily(test);
      default:
        return Truth::kNotKnown;
    }
  }

  // The only state of the test, with one plain entity of that name.
  std::optional<std::string_view> OnlyValue(const OvalTest& test, std::string_view entity) const {
    if (test.states.size() != 1) return std::nullopt;
    const uint32_t at = At(file_.state_of, test.states[0]);
    if (at >= file_.states.size()) return std::nullopt;
    const OvalState& state = file_.states[at];
    if (state.other || state.entities.size() != 1) return std::nullopt;
    const OvalState::Entity& one = state.entities[0];
    const std::string_view operation = Text(one.operation);
    if (Text(one.name) != entity || (!operation.empty() && operation != "equals")) {
      return std::nullopt;
    }
    return Text(one.value);
  }

  std::optional<int64_t> ReleaseOf(const OvalTest& test) const {
    if (test.kind != OvalTest::Kind::kTextFile) return std::nullopt;
    const OvalObject* object = ObjectOf(test);
    if (object == nullptr || object->other || Text(object->name) != kRelease) return std::nullopt;
    const auto value = OnlyValue(test, "subexpression");
    return value ? PlainNumber(*value, 4) : std::nullopt;
  }

  Truth AskFamily(const OvalTest& test) const {
    const auto value = OnlyValue(test, "family");
    return value ? Of(*value == "unix") : Truth::kNotKnown;
  }

  Truth AskPackages(const OvalTest& test) const {
    const OvalObject* object = ObjectOf(test);
    if (object == nullptr || object->other || object->name == kNoOval) return Truth::kNotKnown;
    const std::string_view existence = Text(test.existence);
    const auto found = items_.find(object->name);
    const std::vector<Item> none;
    const std::vector<Item>& items = found == items_.end() ? none : found->second;
    const auto named =
        std::count_if(items.begin(), items.end(), [](const Item& item) { return !item.by_source; });
    if (existence == "none_exist") return Of(named == 0);
    if (existence == "only_one_exists" && named != 1) return Truth::kFalse;
    if (existence == "any_exist" && named == 0) return Truth::kTrue;
    const bool plain = existence.empty() || existence == "at_least_one_exists" ||
                       existence == "all_exist" || existence == "any_exist" ||
                       existence == "only_one_exists";
    return plain ? Check(test, items) : Truth::kNotKnown;
  }

  // `all` too is asked of each package by itself: those of two architectures are two.
  Truth Check(const OvalTest& test, const std::vector<Item>& items) const {
    const std::string_view check = Text(test.check);
    Truth any = Truth::kFalse;
    for (const Item& item : items) any = Or(any, Satisfies(test, item));
    if (check.empty() || check == "all" || check == "at least one") return any;
    if (check == "only one") return items.size() > 1 ? Truth::kNotKnown : any;
    if (items.empty()) return Truth::kFalse;
    return check == "none satisfy" || check == "none exist" ? Not(any) : Truth::kNotKnown;
  }

  Truth Satisfies(const OvalTest& test, const Item& item) const {
    if (test.states.empty()) return Truth::kTrue;
    Truth truth = Of(!test.any_state);
    for (const uint32_t ref : test.states) {
      const uint32_t at = At(file_.state_of, ref);
      const Truth one = at < file_.states.size() ? State(file_.states[at], item) : Truth::kNotKnown;
      truth = test.any_state ? Or(truth, one) : And(truth, one);
    }
    return truth;
  }

  Truth State(const OvalState& state, const Item& item) const {
    if (state.other || state.entities.empty()) return Truth::kNotKnown;
    Truth truth = Of(!state.any);
    for (const OvalState::Entity& entity : state.entities) {
      const Truth one = Entity(entity, item);
      truth = state.any ? Or(truth, one) : And(truth, one);
    }
    return truth;
  }

  Truth Entity(const OvalState::Entity& entity, const Item& item) const {
    const OvalPackage& package = host_.packages[item.package];
    const std::string_view name = Text(entity.name);
    const std::string_view value = Text(entity.value);
    if (entity.value == kNoOval || value.empty()) return Truth::kNotKnown;
    const std::string_view operation = Text(entity.operation);
    if (name == "evr") {
      return Compare(
          operation,
          CompareDebVersions(item.by_source ? package.source_version : package.version, value));
    }
    const bool equality = operation.empty() || operation == "equals" || operation == "not equal";
    if (!equality || (name != "arch" && name != "name")) return Truth::kNotKnown;
    const std::string& own = name == "arch" ? package.architecture : package.name;
    return Compare(operation, own == value ? 0 : 1);
  }

  // The version that the test's state says it is earlier than.
  std::string_view FixedBy(const OvalTest& test) const {
    for (const uint32_t ref : test.states) {
      const uint32_t at = At(file_.state_of, ref);
      if (at >= file_.states.size()) continue;
      for (const OvalState::Entity& entity : file_.states[at].entities) {
        if (Text(entity.name) == "evr" && Text(entity.operation) == "less than") {
          return Text(entity.value);
        }
      }
    }
    return {};
  }

  void Found(const OvalDefinition& one) {
    bool blamed = false;
    uint32_t negated_to = 0;  // end of what is within a negation
    for (uint32_t at = one.node; at < file_.nodes[one.node].end; ++at) {
      const OvalNode& node = file_.nodes[at];
      if (node.negate) negated_to = std::max(negated_to, node.end);
      if (at < negated_to || node.kind != OvalNode::Kind::kTest) continue;
      const uint32_t test = At(file_.test_of, node.ref);
      if (test >= tests_.size() || Test(test) != Truth::kTrue) continue;
      blamed = Blame(one, file_.tests[test]) || blamed;
    }
    if (!blamed) Undecided(one);
  }

  bool Blame(const OvalDefinition& one, const OvalTest& test) {
    if (test.kind != OvalTest::Kind::kPackage) return false;
    const OvalObject* object = ObjectOf(test);
    const auto items = object ? items_.find(object->name) : items_.end();
    if (items == items_.end()) return false;
    bool blamed = false;
    for (const Item& item : items->second) {
      if (Satisfies(test, item) != Truth::kTrue) continue;
      blamed = true;
      if (one.cves.empty()) Add(one.id, one, test, item);
      for (const uint32_t cve : one.cves) Add(cve, one, test, item);
    }
    return blamed;
  }

  // Of the same weakness of the same package the latest version counts.
  void Add(uint32_t weakness, const OvalDefinition& one, const OvalTest& test, const Item& item) {
    const std::pair<size_t, uint32_t> key{item.package, weakness};
    if (found_.size() >= kMaxOvalFindings && !found_.contains(key)) {
      outcome_.cut = true;
      return;
    }
    OvalFinding& finding = found_[key];
    const bool fresh = finding.weakness.empty();
    finding.package = item.package;
    finding.weakness = Text(weakness);
    finding.by_source = fresh ? item.by_source : finding.by_source && item.by_source;
    if (finding.severity.empty()) finding.severity = Lower(Text(one.severity));
    const std::string_view fixed = FixedBy(test);
    if (finding.fixed.empty() || CompareDebVersions(fixed, finding.fixed) > 0) {
      finding.fixed = fixed;
    }
  }

  const OvalFile& file_;
  const OvalHost& host_;
  std::vector<Truth> tests_;
  std::vector<Truth> definitions_;
  std::unordered_map<uint32_t, std::vector<Item>> items_;  // by the number of a name
  std::map<std::pair<size_t, uint32_t>, OvalFinding> found_;
  OvalOutcome outcome_;
};

}  // namespace

OvalOutcome EvaluateOval(const OvalFile& file, const OvalHost& host) {
  return Evaluation(file, host).Run();
}

}  // namespace tom
