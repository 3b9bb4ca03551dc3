#include "checks/parse/rsyslog_config.h"

#include <algorithm>
#include <cctype>

#include "checks/parse/ascii_words.h"
#include "checks/parse/rsyslog_cursor.h"
#include "checks/parse/rsyslog_values.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using Statements = std::vector<RsyslogStatement>;
using Kind = RsyslogStatement::Kind;

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

class Parser {
 public:
  Parser(const RsyslogSource& main, const RsyslogIncludes& includes)
      : cursor_(main), includes_(includes) {}

  absl::StatusOr<RsyslogConfig> Parse() {
    TOM_RETURN_IF_ERROR(SkipBlanks());
    while (cursor_.Peek() != '\0') {
      TOM_RETURN_IF_ERROR(ReadStatement(config_.statements, 0));
      TOM_RETURN_IF_ERROR(SkipBlanks());
    }
    return std::move(config_);
  }

 private:
  absl::Status Fault(const std::string& what) {
    return absl::InvalidArgumentError(
        ToAbsl(cursor_.file() + ":" + std::to_string(cursor_.line()) + ": " + what));
  }

  absl::StatusOr<RsyslogStatement*> Add(Statements& to, Kind kind) {
    if (++count_ > kMaxRsyslogStatements) {
      return absl::ResourceExhaustedError("rsyslog's configuration has too many statements");
    }
    RsyslogStatement& one = to.emplace_back();
    one.kind = kind;
    one.file = cursor_.file();
    one.line = cursor_.line();
    return &one;
  }

  absl::Status ReadStatement(Statements& to, size_t depth) {
    if (depth > kMaxRsyslogNesting) return Fault("nested too deep");
    if (cursor_.Peek() == '$') return ReadSetting(to);
    TOM_ASSIGN_OR_RETURN(const bool object, ReadObject(to, depth));
    if (object) return absl::OkStatus();
    if (cursor_.TakeKeyword("if")) return ReadIf(to, depth);
    if (cursor_.TakeKeyword("foreach")) return ReadForeach(to, depth);
    for (const char* word : {"set", "unset", "reset"}) {
      if (cursor_.TakeKeyword(word)) return ReadSet(to, word);
    }
    if (cursor_.TakeKeyword("continue")) return absl::OkStatus();
    if (cursor_.Peek() == ':' && IsPropertyFilter(cursor_.Rest())) return ReadProperty(to, depth);
    if (IsSelector(cursor_.Rest())) return ReadSelector(to, depth);
    const char c = cursor_.Peek();
    if (c == '!' || ((c == '+' || c == '-') && !cursor_.Rest().starts_with("-/"))) {
      Complain("a block of BSD's syslogd, which is left out");
      cursor_.TakeLine();
      return absl::OkStatus();
    }
    return ReadActions(to, depth);
  }

  // ACTION [& ACTION]…
  absl::Status ReadActions(Statements& to, size_t depth) {
    TOM_RETURN_IF_ERROR(ReadAction(to, depth));
    TOM_RETURN_IF_ERROR(SkipBlanks());
    while (cursor_.Peek() == '&') {
      cursor_.Skip(1);
      TOM_RETURN_IF_ERROR(SkipBlanks());
      TOM_RETURN_IF_ERROR(ReadAction(to, depth));
      TOM_RETURN_IF_ERROR(SkipBlanks());
    }
    return absl::OkStatus();
  }

  absl::Status ReadAction(Statements& to, size_t depth) {
    if (cursor_.TakeKeyword("stop")) return Add(to, Kind::kStop).status();
    if (cursor_.TakeKeyword("call_indirect")) {
      TOM_RETURN_IF_ERROR(Add(to, Kind::kUnknown).status());
      return SkipPast(';');
    }
    if (cursor_.TakeKeyword("call")) return ReadCall(to);
    if (IsObject("action")) {
      TOM_ASSIGN_OR_RETURN(RsyslogStatement * one, Add(to, Kind::kAction));
      TOM_RETURN_IF_ERROR(TakeObject("action", one->parameters));
      one->name = Lower(one->Parameter("type"));
      // A block behind an action's parentheses would be for what rsyslogd has no more.
      return one->name.empty() ? Fault("an action without a type") : absl::OkStatus();
    }
    if (IsObject("include")) return ReadInclude();
    return ReadLegacyAction(to, depth);
  }

  absl::Status ReadCall(Statements& to) {
    TOM_ASSIGN_OR_RETURN(RsyslogStatement * one, Add(to, Kind::kCall));
    cursor_.SkipBlanksInLine();
    one->name = cursor_.TakeWord("_-.");
    // rsyslogd's lexer wants two characters.
    return one->name.size() < 2 ? Fault("call of what?") : absl::OkStatus();
  }

  absl::Status ReadLegacyAction(Statements& to, size_t) {
    TOM_ASSIGN_OR_RETURN(RsyslogStatement * one, Add(to, Kind::kAction));
    const std::string text = cursor_.TakeLine();
    if (!ReadLegacyActionText(text, *one)) {
      return Fault("not understood: " + text.substr(0, 100));
    }
    if (one->name == "stop") one->kind = Kind::kStop;
    return absl::OkStatus();
  }

  bool IsObject(std::string_view name) {
    std::string_view rest = cursor_.Rest();
    if (!StartsNoCase(rest, name)) return false;
    rest.remove_prefix(name.size());
    return rest.substr(0, rest.find_first_not_of(" \t\r\n")).size() < rest.size() &&
           rest[rest.find_first_not_of(" \t\r\n")] == '(';
  }

  absl::Status TakeObject(std::string_view name, RsyslogParameters& parameters) {
    cursor_.Skip(name.size());
    cursor_.SkipBlanks();
    cursor_.Skip(1);
    return ReadRsyslogParameters(cursor_, parameters);
  }

  // Objects but actions; false: there is none here.
  absl::StatusOr<bool> ReadObject(Statements& to, size_t depth) {
    if (IsObject("include")) {
      TOM_RETURN_IF_ERROR(ReadInclude());
      return true;
    }
    static constexpr const char* kObjects[] = {
        "global",    "module",         "input",           "template",     "main_queue",
        "ruleset",   "parser",         "timezone",        "lookup_table", "dyn_stats",
        "ratelimit", "perctile_stats", "percentile_stats"};
    const auto* found = std::find_if(std::begin(kObjects), std::end(kObjects),
                                     [&](const char* name) { return IsObject(name); });
    if (found == std::end(kObjects)) return false;
    const std::string name = *found;
    TOM_ASSIGN_OR_RETURN(RsyslogStatement * one, Add(to, Kind::kObject));
    one->name = name;
    TOM_RETURN_IF_ERROR(TakeObject(name, one->parameters));
    cursor_.SkipBlanks();
    if (name == "template" && cursor_.TakeChar('{')) {
      std::string properties;
      TOM_RETURN_IF_ERROR(ReadTemplateParts(properties));
      to.back().value = std::move(properties);
    } else if (name == "ruleset") {
      Statements inside;
      TOM_RETURN_IF_ERROR(ReadBlock(inside, depth + 1));
      to.back().then = std::move(inside);
    }
    return true;
  }

  // The names of the properties in it, a line each.
  absl::Status ReadTemplateParts(std::string& properties) {
    for (cursor_.SkipBlanks(); !cursor_.TakeChar('}'); cursor_.SkipBlanks()) {
      RsyslogStatement part;
      const bool property = IsObject("property");
      if (!property && !IsObject("constant")) return Fault("a template's part is expected");
      TOM_RETURN_IF_ERROR(TakeObject(property ? "property" : "constant", part.parameters));
      properties.append(part.Parameter("name")).append("\n");
    }
    return absl::OkStatus();
  }

  absl::Status Push(const std::vector<RsyslogSource>& sources) {
    for (auto one = sources.rbegin(); one != sources.rend(); ++one) {
      if (!cursor_.Push(*one)) return Fault("too many files, or included too deep");
    }
    return absl::OkStatus();
  }

  absl::Status ReadInclude() {
    RsyslogStatement holder;
    TOM_RETURN_IF_ERROR(TakeObject("include", holder.parameters));
    if (const std::string text = holder.Parameter("text"); !text.empty()) {
      if (!cursor_.Push({cursor_.file(), text})) return Fault("included too deep");
      return absl::OkStatus();
    }
    const std::string file = holder.Parameter("file");
    if (file.empty()) return Fault("include of what?");
    auto sources = includes_(file);
    if (absl::IsNotFound(sources.status())) {
      // A file that is merely required is complained of; only this mode stops.
      Complain(file + " is not there");
      if (Lower(holder.Parameter("mode")) == "abort-if-missing") {
        config_.refused = config_.complaints.back();
      }
      return absl::OkStatus();
    }
    if (!sources.ok()) return Fault(std::string(FromAbsl(sources.status().message())));
    return Push(*sources);
  }

  // $IncludeConfig, which may stand between any two words. Where its file is missing rsyslogd reads
  // no further at all.
  absl::Status IncludeClassic() {
    cursor_.TakeWord("$");
    cursor_.SkipBlanksInLine();
    const std::string value = cursor_.TakeLine();
    auto sources = includes_(value.substr(0, value.find_first_of(" \t#")));
    if (absl::IsNotFound(sources.status())) {
      Complain(value + " is not there, and nothing behind it is read");
      cursor_.Stop();
      return absl::OkStatus();
    }
    if (!sources.ok()) return Fault(std::string(FromAbsl(sources.status().message())));
    return Push(*sources);
  }

  void Complain(const std::string& what) {
    config_.complaints.push_back(cursor_.file() + ":" + std::to_string(cursor_.line()) + ": " +
                                 what);
  }

  // To the next word of a statement.
  absl::Status SkipBlanks() {
    for (cursor_.SkipBlanks(); StartsNoCase(cursor_.Rest(), "$includeconfig");
         cursor_.SkipBlanks()) {
      TOM_RETURN_IF_ERROR(IncludeClassic());
    }
    return absl::OkStatus();
  }

  absl::Status ReadSetting(Statements& to) {
    TOM_ASSIGN_OR_RETURN(RsyslogStatement * one, Add(to, Kind::kSetting));
    cursor_.Skip(1);
    one->name = Lower(cursor_.TakeWord("_."));
    cursor_.SkipBlanksInLine();
    one->value = cursor_.TakeLine();
    return one->name.empty() ? Fault("a directive is expected") : absl::OkStatus();
  }

  absl::Status ReadBlock(Statements& to, size_t depth) {
    TOM_RETURN_IF_ERROR(SkipBlanks());
    if (!cursor_.TakeChar('{')) return ReadStatement(to, depth);
    TOM_RETURN_IF_ERROR(SkipBlanks());
    while (!cursor_.TakeChar('}')) {
      if (cursor_.Peek() == '\0') return Fault("} is missing");
      TOM_RETURN_IF_ERROR(ReadStatement(to, depth + 1));
      TOM_RETURN_IF_ERROR(SkipBlanks());
    }
    return absl::OkStatus();
  }

  absl::Status ReadIf(Statements& to, size_t depth) {
    TOM_ASSIGN_OR_RETURN(RsyslogStatement * one, Add(to, Kind::kIf));
    TOM_ASSIGN_OR_RETURN(one->condition, ReadRsyslogExpr(cursor_));
    cursor_.SkipBlanks();
    if (!cursor_.TakeKeyword("then")) return Fault("then is expected");
    Statements then;
    Statements otherwise;
    TOM_RETURN_IF_ERROR(ReadBlock(then, depth + 1));
    TOM_RETURN_IF_ERROR(SkipBlanks());
    if (cursor_.TakeKeyword("else")) TOM_RETURN_IF_ERROR(ReadBlock(otherwise, depth + 1));
    to.back().then = std::move(then);
    to.back().otherwise = std::move(otherwise);
    return absl::OkStatus();
  }

  absl::Status ReadForeach(Statements& to, size_t depth) {
    TOM_RETURN_IF_ERROR(Add(to, Kind::kLoop).status());
    cursor_.SkipBlanks();
    if (!cursor_.TakeChar('(')) return Fault("( is expected");
    TOM_RETURN_IF_ERROR(SkipPast(')'));
    cursor_.SkipBlanks();
    if (!cursor_.TakeKeyword("do")) return Fault("do is expected");
    Statements inside;
    TOM_RETURN_IF_ERROR(ReadBlock(inside, depth + 1));
    to.back().then = std::move(inside);
    return absl::OkStatus();
  }

  absl::Status ReadSet(Statements& to, const char* word) {
    TOM_ASSIGN_OR_RETURN(RsyslogStatement * one, Add(to, Kind::kSet));
    one->operation = word;
    cursor_.SkipBlanks();
    one->name = Lower(cursor_.TakeWord("$!._-/"));
    if (one->name.size() < 3 || one->name[0] != '$') return Fault("a variable is expected");
    cursor_.SkipBlanks();
    if (one->operation != "unset") {
      if (!cursor_.TakeChar('=')) return Fault("= is expected");
      TOM_ASSIGN_OR_RETURN(one->condition, ReadRsyslogExpr(cursor_));
      cursor_.SkipBlanks();
    }
    return cursor_.TakeChar(';') ? absl::OkStatus() : Fault("; is expected");
  }

  // Over quoted text and comments.
  absl::Status SkipPast(char end) {
    for (cursor_.SkipBlanks(); cursor_.Peek() != '\0'; cursor_.SkipBlanks()) {
      const char c = cursor_.Peek();
      if (c == '"' || c == '\'') {
        std::string ignored;
        TOM_RETURN_IF_ERROR(ReadRsyslogText(cursor_, ignored));
        continue;
      }
      cursor_.Skip(1);
      if (c == end) return absl::OkStatus();
    }
    return Fault(std::string(1, end) + " is missing");
  }

  absl::Status ReadSelector(Statements& to, size_t depth) {
    TOM_ASSIGN_OR_RETURN(RsyslogStatement * one, Add(to, Kind::kSelector));
    const std::string text = cursor_.TakeWord("*.,;=!_-");
    if (!ReadSyslogSelector(text, one->mask)) {
      config_.complaints.push_back(one->Place() + ": a facility or priority that does not exist");
    }
    return ReadFiltered(to, depth);
  }

  absl::Status ReadProperty(Statements& to, size_t depth) {
    TOM_ASSIGN_OR_RETURN(RsyslogStatement * one, Add(to, Kind::kProperty));
    cursor_.Skip(1);
    cursor_.SkipBlanksInLine();
    one->name = Lower(cursor_.TakeWord("-_$!."));
    cursor_.SkipBlanksInLine();
    cursor_.Skip(1);
    cursor_.SkipBlanksInLine();
    one->negated = cursor_.TakeChar('!');
    one->operation = Lower(cursor_.TakeWord("_"));
    cursor_.SkipBlanksInLine();
    cursor_.Skip(1);
    cursor_.SkipBlanksInLine();
    TOM_RETURN_IF_ERROR(ReadRsyslogText(cursor_, one->value));
    return ReadFiltered(to, depth);
  }

  absl::Status ReadFiltered(Statements& to, size_t depth) {
    Statements inside;
    TOM_RETURN_IF_ERROR(ReadBlock(inside, depth + 1));
    to.back().then = std::move(inside);
    return absl::OkStatus();
  }

  RsyslogCursor cursor_;
  const RsyslogIncludes& includes_;
  RsyslogConfig config_;
  size_t count_ = 0;
};

}  // namespace

std::string RsyslogStatement::Parameter(std::string_view parameter,
                                        std::string_view fallback) const {
  const auto found = parameters.find(parameter);
  if (found == parameters.end() || found->second.empty()) return std::string(fallback);
  return found->second[0];
}

std::string RsyslogStatement::Place() const { return file + ":" + std::to_string(line); }

absl::StatusOr<RsyslogConfig> ParseRsyslogConfig(const RsyslogSource& main,
                                                 const RsyslogIncludes& includes) {
  return Parser(main, includes).Parse();
}

}  // namespace tom
