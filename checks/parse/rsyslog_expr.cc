// RainerScript's expressions. Precedence as rsyslogd 8.2302 was seen to have it: `not` and `-`,
// then
// * / %, then + - &, then comparisons, then `and` and `or` alike, all from left to right.
#include <cctype>
#include <charconv>

#include "checks/parse/ascii_words.h"
#include "checks/parse/rsyslog_values.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr int kMostDepth = 40;
constexpr size_t kMostParts = 2000;

class Reader {
 public:
  explicit Reader(RsyslogCursor& cursor) : cursor_(cursor) {}

  absl::StatusOr<RsyslogExpr> Binary(int level, int depth) {
    if (depth > kMostDepth || ++parts_ > kMostParts) return Fault("too large an expression");
    constexpr int kTightest = 3;
    if (level > kTightest) return Unary(depth);
    TOM_ASSIGN_OR_RETURN(RsyslogExpr left, Binary(level + 1, depth + 1));
    for (std::string op = TakeOperator(level); !op.empty(); op = TakeOperator(level)) {
      TOM_ASSIGN_OR_RETURN(RsyslogExpr right, Binary(level + 1, depth + 1));
      RsyslogExpr both;
      both.kind = RsyslogExpr::Kind::kBinary;
      both.text = op;
      both.parts.push_back(std::move(left));
      both.parts.push_back(std::move(right));
      left = std::move(both);
      if (++parts_ > kMostParts) return Fault("too large an expression");
    }
    return left;
  }

 private:
  absl::Status Fault(const std::string& what) {
    return absl::InvalidArgumentError(cursor_.file() + ":" + std::to_string(cursor_.line()) + ": " +
                                      what);
  }

  // Longer ones first where one begins another.
  std::string TakeOperator(int level) {
    static const std::vector<std::vector<std::string>> kOperators = {
        {"and", "or"},
        {"==", "!=", "<>", "<=", ">=", "<", ">", "contains_i", "contains", "startswith_i",
         "startswith", "endswith"},
        {"+", "-", "&"},
        {"*", "/", "%"}};
    cursor_.SkipBlanks();
    for (const std::string& op : kOperators[static_cast<size_t>(level)]) {
      const bool word = std::isalpha(static_cast<unsigned char>(op[0])) != 0;
      if (word ? cursor_.TakeKeyword(op) : cursor_.Rest().starts_with(op)) {
        if (!word) cursor_.Skip(op.size());
        return op == "<>" ? "!=" : op;
      }
    }
    return "";
  }

  absl::StatusOr<RsyslogExpr> Unary(int depth) {
    if (depth > kMostDepth) return Fault("too large an expression");
    cursor_.SkipBlanks();
    const bool negation = cursor_.TakeKeyword("not");
    if (!negation && cursor_.Peek() != '-') return Operand(depth);
    if (!negation) cursor_.Skip(1);
    RsyslogExpr expr;
    expr.kind = negation ? RsyslogExpr::Kind::kNot : RsyslogExpr::Kind::kNegate;
    TOM_ASSIGN_OR_RETURN(RsyslogExpr inner, Unary(depth + 1));
    expr.parts.push_back(std::move(inner));
    return expr;
  }

  absl::StatusOr<RsyslogExpr> Operand(int depth) {
    RsyslogExpr expr;
    const char c = cursor_.Peek();
    if (c == '(') {
      cursor_.Skip(1);
      TOM_ASSIGN_OR_RETURN(expr, Binary(0, depth + 1));
      cursor_.SkipBlanks();
      if (!cursor_.TakeChar(')')) return Fault(") is expected");
      return expr;
    }
    if (c == '"' || c == '\'' || c == '`') {
      TOM_RETURN_IF_ERROR(ReadRsyslogText(cursor_, expr.text));
      return expr;
    }
    if (c == '[') return Array();
    if (c == '$') {
      cursor_.Skip(1);
      expr.kind = RsyslogExpr::Kind::kVariable;
      expr.text = cursor_.TakeWord("$!._-/@");
      for (char& one : expr.text)
        one = static_cast<char>(std::tolower(static_cast<unsigned char>(one)));
      if (expr.text.empty()) return Fault("a variable is expected");
      return expr;
    }
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) return Number();
    return Function(depth);
  }

  absl::StatusOr<RsyslogExpr> Array() {
    RsyslogExpr expr;
    expr.kind = RsyslogExpr::Kind::kArray;
    cursor_.Skip(1);
    for (cursor_.SkipBlanks(); !cursor_.TakeChar(']'); cursor_.SkipBlanks()) {
      RsyslogExpr& one = expr.parts.emplace_back();
      TOM_RETURN_IF_ERROR(ReadRsyslogText(cursor_, one.text));
      if (++parts_ > kMostParts) return Fault("too large an expression");
      cursor_.SkipBlanks();
      cursor_.TakeChar(',');
    }
    return expr;
  }

  absl::StatusOr<RsyslogExpr> Number() {
    RsyslogExpr expr;
    expr.kind = RsyslogExpr::Kind::kNumber;
    const std::string digits = cursor_.TakeWord("");
    const bool octal = digits.size() > 1 && digits[0] == '0';
    const auto end =
        std::from_chars(digits.data(), digits.data() + digits.size(), expr.number, octal ? 8 : 10);
    if (end.ec != std::errc() || end.ptr != digits.data() + digits.size()) {
      return Fault("a number is expected");
    }
    return expr;
  }

  absl::StatusOr<RsyslogExpr> Function(int depth) {
    RsyslogExpr expr;
    expr.kind = RsyslogExpr::Kind::kFunction;
    expr.text = cursor_.TakeWord("_");
    cursor_.SkipBlanks();
    if (expr.text.empty() || !cursor_.TakeChar('(')) return Fault("an operand is expected");
    for (cursor_.SkipBlanks(); !cursor_.TakeChar(')'); cursor_.SkipBlanks()) {
      TOM_ASSIGN_OR_RETURN(RsyslogExpr argument, Binary(0, depth + 1));
      expr.parts.push_back(std::move(argument));
      cursor_.SkipBlanks();
      cursor_.TakeChar(',');
    }
    return expr;
  }

  RsyslogCursor& cursor_;
  size_t parts_ = 0;
};

}  // namespace

absl::StatusOr<RsyslogExpr> ReadRsyslogExpr(RsyslogCursor& cursor) {
  return Reader(cursor).Binary(0, 0);
}

}  // namespace tom
