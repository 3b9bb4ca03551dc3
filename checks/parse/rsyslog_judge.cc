// Conditions of rsyslog's configuration, as far as facility and severity decide them.
#include <algorithm>
#include <charconv>

#include "checks/parse/ascii_words.h"
#include "checks/parse/rsyslog_flow.h"

namespace tom {
namespace {

constexpr std::array<std::string_view, kSyslogSeverities> kSeverityNames = {
    "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};

struct Value {
  bool known = false;
  std::optional<int64_t> number;  // else a text
  std::string text;
};

Value NumberValue(int64_t number) { return {true, number, std::to_string(number)}; }

std::optional<int64_t> ToNumber(const Value& value) {
  if (value.number) return value.number;
  int64_t number = 0;
  const char* end = value.text.data() + value.text.size();
  const auto read = std::from_chars(value.text.data(), end, number);
  if (value.text.empty() || read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

Value VariableValue(const std::string& name, const RsyslogMessage& message) {
  const auto known = [](std::string_view text) { return Value{true, {}, std::string(text)}; };
  const std::string_view facility = kSyslogFacilityNames[message.facility];
  const std::string_view severity = kSeverityNames[message.severity];
  if (name == "syslogfacility") return known(std::to_string(message.facility));
  // What rsyslogd calls the others is not what RFC 5424 does.
  const bool named = message.facility < 12 || message.facility > 15;
  if (name == "syslogfacility-text") return named ? known(facility) : Value();
  if (name == "syslogseverity" || name == "syslogpriority") {
    return known(std::to_string(message.severity));
  }
  if (name == "syslogseverity-text" || name == "syslogpriority-text") return known(severity);
  if (name == "pri") return known(std::to_string(message.facility * 8 + message.severity));
  if (name == "pri-text" && !named) return {};
  if (name == "pri-text") return known(std::string(facility) + "." + std::string(severity));
  if (name == "fromhost-ip") return known("127.0.0.1");
  const auto set = message.variables.find("$" + name);
  return set == message.variables.end() ? Value() : known(set->second);
}

RsyslogTruth Not(RsyslogTruth truth) {
  if (truth == RsyslogTruth::kUnknown) return truth;
  return truth == RsyslogTruth::kYes ? RsyslogTruth::kNo : RsyslogTruth::kYes;
}

RsyslogTruth Of(bool truth) { return truth ? RsyslogTruth::kYes : RsyslogTruth::kNo; }

bool Ordered(const std::string& op, int order) {
  if (op == "==") return order == 0;
  if (op == "!=") return order != 0;
  if (op == "<") return order < 0;
  if (op == "<=") return order <= 0;
  if (op == ">") return order > 0;
  return order >= 0;
}

bool IsOrder(const std::string& op) {
  return op == "==" || op == "!=" || op == "<" || op == "<=" || op == ">" || op == ">=";
}

// Two texts are compared as such, a number with anything as numbers where that can be.
RsyslogTruth Compare(const std::string& op, const Value& left, const Value& right) {
  if (!left.known || !right.known) return RsyslogTruth::kUnknown;
  if (IsOrder(op)) {
    const auto one = ToNumber(left);
    const auto other = ToNumber(right);
    if ((left.number || right.number) && one && other) {
      return Of(Ordered(op, *one < *other ? -1 : *one > *other ? 1 : 0));
    }
    const int order = left.text.compare(right.text);
    return Of(Ordered(op, order < 0 ? -1 : order > 0 ? 1 : 0));
  }
  if (op == "contains") return Of(left.text.find(right.text) != std::string::npos);
  if (op == "contains_i") return Of(ContainsNoCase(left.text, right.text));
  if (op == "startswith") return Of(left.text.starts_with(right.text));
  if (op == "startswith_i") return Of(StartsNoCase(left.text, right.text));
  if (op == "endswith") return Of(left.text.ends_with(right.text));
  return RsyslogTruth::kUnknown;
}

class Judge {
 public:
  explicit Judge(const RsyslogMessage& message) : message_(message) {}

  RsyslogTruth Truth(const RsyslogExpr& expr) {
    if (expr.kind == RsyslogExpr::Kind::kBinary && (expr.text == "and" || expr.text == "or")) {
      const RsyslogTruth left = Truth(expr.parts[0]);
      const RsyslogTruth right = Truth(expr.parts[1]);
      const RsyslogTruth decides = Of(expr.text == "or");
      if (left == decides || right == decides) return decides;
      return left == RsyslogTruth::kUnknown ? left : right;
    }
    if (expr.kind == RsyslogExpr::Kind::kBinary) return CompareAny(expr);
    if (expr.kind == RsyslogExpr::Kind::kNot) return Not(Truth(expr.parts[0]));
    const Value value = Evaluate(expr);
    return value.known ? Of(ToNumber(value).value_or(0) != 0) : RsyslogTruth::kUnknown;
  }

  Value Evaluate(const RsyslogExpr& expr) {
    switch (expr.kind) {
      case RsyslogExpr::Kind::kText:
        if (expr.text.find('\0') != std::string::npos) return {};
        return {true, {}, expr.text};
      case RsyslogExpr::Kind::kNumber:
        return NumberValue(expr.number);
      case RsyslogExpr::Kind::kVariable:
        return VariableValue(expr.text, message_);
      case RsyslogExpr::Kind::kFunction:
        return Function(expr);
      case RsyslogExpr::Kind::kNot:
      case RsyslogExpr::Kind::kBinary:
        return FromTruth(expr);
      default:
        return {};
    }
  }

 private:
  Value FromTruth(const RsyslogExpr& expr) {
    static constexpr std::string_view kArithmetic = "+-*/%&";
    if (expr.kind == RsyslogExpr::Kind::kBinary && expr.text.size() == 1 &&
        kArithmetic.find(expr.text[0]) != std::string_view::npos) {
      return {};
    }
    const RsyslogTruth truth = Truth(expr);
    if (truth == RsyslogTruth::kUnknown) return {};
    return NumberValue(truth == RsyslogTruth::kYes ? 1 : 0);
  }

  Value Function(const RsyslogExpr& expr) {
    const bool selector = EqualsNoCase(expr.text, "prifilt") && expr.parts.size() == 1 &&
                          expr.parts[0].kind == RsyslogExpr::Kind::kText;
    SyslogMask mask;
    if (!selector || !ReadSyslogSelector(expr.parts[0].text, mask)) return {};
    return NumberValue((mask[message_.facility] >> message_.severity) & 1);
  }

  // An array is as good as any of its texts; `!=` is the opposite of that.
  RsyslogTruth CompareAny(const RsyslogExpr& expr) {
    const Value left = Evaluate(expr.parts[0]);
    const RsyslogExpr& right = expr.parts[1];
    if (right.kind != RsyslogExpr::Kind::kArray) return Compare(expr.text, left, Evaluate(right));
    if (IsOrder(expr.text) && expr.text != "==" && expr.text != "!=") return RsyslogTruth::kUnknown;
    const std::string op = expr.text == "!=" ? "==" : expr.text;
    RsyslogTruth any = RsyslogTruth::kNo;
    for (const RsyslogExpr& one : right.parts) {
      const RsyslogTruth truth = Compare(op, left, Evaluate(one));
      if (truth != RsyslogTruth::kNo) any = truth;
      if (truth == RsyslogTruth::kYes) break;
    }
    return expr.text == "!=" ? Not(any) : any;
  }

  const RsyslogMessage& message_;
};

}  // namespace

RsyslogTruth JudgeRsyslogExpr(const RsyslogExpr& expr, const RsyslogMessage& message) {
  return Judge(message).Truth(expr);
}

std::optional<std::string> RsyslogText(const RsyslogExpr& expr, const RsyslogMessage& message) {
  const Value value = Judge(message).Evaluate(expr);
  return value.known ? std::optional<std::string>(value.text) : std::nullopt;
}

RsyslogTruth JudgeRsyslogProperty(const RsyslogStatement& filter, const RsyslogMessage& message) {
  const Value value = VariableValue(filter.name, message);
  std::string op = filter.operation;
  if (op == "isequal") op = "==";
  if (op == "icase_contains") op = "contains_i";
  // With an operation that it does not know rsyslogd leaves the whole rule out.
  static constexpr std::string_view kOperations[] = {"==",         "contains",     "contains_i",
                                                     "startswith", "startswith_i", "endswith",
                                                     "regex",      "ereregex",     "isempty"};
  if (std::find(std::begin(kOperations), std::end(kOperations), op) == std::end(kOperations)) {
    return RsyslogTruth::kNo;
  }
  if (!value.known || filter.value.find('\0') != std::string::npos) return RsyslogTruth::kUnknown;
  if (op == "isempty") return Of(value.text.empty() != filter.negated);
  const RsyslogTruth truth = Compare(op, value, {true, {}, filter.value});
  return filter.negated ? Not(truth) : truth;
}

}  // namespace tom
