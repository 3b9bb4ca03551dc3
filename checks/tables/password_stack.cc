#include "checks/tables/password_stack.h"

#include <algorithm>
#include <optional>

#include "checks/parse/ascii_words.h"
#include "checks/parse/config_lines.h"

namespace tom {
namespace {

constexpr int64_t kAnyLength = 1 << 20;
constexpr int64_t kLeastLength = 6;  // of libpwquality's minlen, and of pam_unix without one
constexpr const char* kCredits[] = {"dcredit", "ucredit", "lcredit", "ocredit"};
constexpr std::string_view kNumbers[] = {"difok",       "minlen",     "dcredit",   "ucredit",
                                         "lcredit",     "ocredit",    "minclass",  "maxrepeat",
                                         "maxsequence", "gecoscheck", "dictcheck", "maxclassrepeat",
                                         "usercheck",   "usersubstr", "enforcing", "retry"};
constexpr std::string_view kOthers[] = {"badwords", "dictpath", "enforce_for_root",
                                        "local_users_only"};
constexpr std::string_view kMethods[] = {"md5",      "bigcrypt",      "sha256",  "sha512",
                                         "blowfish", "gost_yescrypt", "yescrypt"};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

// As strtol with base 10 takes the whole of it.
std::optional<int64_t> Number(std::string_view text) {
  const bool minus = text.starts_with("-");
  if (minus || text.starts_with("+")) text.remove_prefix(1);
  if (text.empty() || text.size() > 9) return std::nullopt;
  if (text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const int64_t number = std::stoll(std::string(text));
  return minus ? -number : number;
}

template <size_t kCount>
bool IsIn(const std::string_view (&all)[kCount], std::string_view one) {
  return std::find(std::begin(all), std::end(all), one) != std::end(all);
}

std::string NameOf(const PamHandler& handler) {
  std::string name = handler.line.module.substr(handler.line.module.rfind('/') + 1);
  if (name.ends_with(".so")) name.resize(name.size() - 3);
  return name;
}

bool Has(const PamHandler& handler, std::string_view argument) {
  const auto& all = handler.line.arguments;
  return std::find(all.begin(), all.end(), argument) != all.end();
}

// Lengths below which a module surely, or perhaps, refuses.
struct Bound {
  int64_t surely = 0;
  int64_t perhaps = 0;
};

Bound QualityBound(const PamHandler& handler, const QualitySettings& quality, bool cracklib) {
  std::map<std::string, std::string> values;
  if (!cracklib) values = quality.values;
  bool known = cracklib || quality.problem.empty();
  for (const std::string& argument : handler.line.arguments) {
    const size_t equals = argument.find('=');
    const std::string name = Lower(argument.substr(0, equals));
    if (equals != std::string::npos) values[name] = argument.substr(equals + 1);
  }
  const auto value = [&](const char* name, int64_t otherwise) {
    const auto found = values.find(name);
    if (found == values.end()) return otherwise;
    const auto number = Number(found->second);
    known = known && number.has_value();
    return number.value_or(otherwise);
  };
  if (!cracklib && value("enforcing", 1) == 0) return known ? Bound{} : Bound{0, kAnyLength};
  int64_t length = std::max(value("minlen", cracklib ? 9 : 8), kLeastLength);
  for (const char* credit : kCredits) {
    length -= std::max<int64_t>(value(credit, cracklib ? 1 : 0), 0);
  }
  length = std::max<int64_t>(length, 0);
  return known ? Bound{length, length} : Bound{0, kAnyLength};
}

// The last word of the module counts, else ENCRYPT_METHOD by its start; neither: the oldest method.
std::string MethodOf(const PamHandler& handler, const std::string& method) {
  std::string name;
  const auto take = [&](const std::string& text) {
    for (const std::string_view one : kMethods) {
      if (text.starts_with(one)) {
        name = one == "blowfish" ? "bcrypt" : one == "bigcrypt" ? "des" : one;
        return;
      }
    }
  };
  take(Lower(method));
  for (const std::string& argument : handler.line.arguments) take(argument);
  if (name.empty()) name = "des";
  for (char& c : name) c = UpperAscii(c);
  return name;
}

// Whether a password of a length below `length` can be set. The token: kRight, a password that was
// accepted on the way and is handed on; kNone, none.
class Walk {
 public:
  enum class Others { kSucceed, kFail, kAnything };

  Walk(const std::vector<PamHandler>& stack, const std::vector<Bound>& bounds, int64_t length)
      : stack_(stack), bounds_(bounds), length_(length) {}

  bool Changes(Others others, bool surely) {
    changed_ = false;
    WalkPamStack(stack_,
                 [&](size_t index, PamToken token) { return Call(index, token, others, surely); });
    return changed_;
  }
  size_t where() const { return where_; }

 private:
  std::vector<PamOutcome> Call(size_t index, PamToken token, Others others, bool surely) {
    const PamHandler& handler = stack_[index];
    const std::string name = NameOf(handler);
    // To be sure that it is refused, count only what surely refuses; else what perhaps does.
    const int64_t bound = surely ? bounds_[index].surely : bounds_[index].perhaps;
    const bool refuses = bound >= length_;
    const bool takes_token = Has(handler, "use_authtok") || Has(handler, "use_first_pass");
    if (name == "pam_pwquality" || name == "pam_cracklib") {
      if (refuses || (takes_token && token == PamToken::kNone)) return {{kPamAuthtokErr}};
      return {{kPamSuccess, PamToken::kRight}};
    }
    if (name == "pam_unix") {
      if (refuses || (takes_token && token == PamToken::kNone)) return {{kPamAuthtokErr}};
      if (!changed_) where_ = index;
      changed_ = true;
      return {{kPamSuccess, PamToken::kRight}};
    }
    if (name == "pam_pwhistory" && (!takes_token || token != PamToken::kNone)) {
      return {{kPamSuccess, PamToken::kRight}};
    }
    if (name == "pam_deny" || name == "pam_pwhistory") return {{kPamAuthtokErr, token}};
    if (name == "pam_permit" || name == "pam_warn") return {{kPamSuccess, token}};
    if (name == "pam_passwdqc" && others != Others::kAnything) return {{kPamAuthtokErr}};
    if (others == Others::kSucceed) return {{kPamSuccess, token}};
    if (others == Others::kFail) return {{kPamUserUnknown, token}};
    return {{kPamSuccess, token},
            {kPamSuccess, name == "pam_passwdqc" ? PamToken::kRight : token},
            {kPamUserUnknown, token},
            {kPamAuthErr, token},
            {kPamIgnore, token}};
  }

  const std::vector<PamHandler>& stack_;
  const std::vector<Bound>& bounds_;
  int64_t length_;
  bool changed_ = false;
  size_t where_ = 0;
};

std::string PlaceOf(const PamHandler& handler) {
  return std::string(handler.file)
      .append(" line ")
      .append(std::to_string(handler.line.number))
      .append(" (")
      .append(handler.line.module)
      .append(")");
}

}  // namespace

// "name = value" or "name value"; `#` begins a comment.
void QualitySettings::Read(std::string_view text, const std::string& path) {
  for (const NumberedLine& line : LinesOf(text)) {
    const std::string_view rest =
        TrimLine(std::string_view(line.text).substr(0, line.text.find('#')));
    if (rest.empty()) continue;
    const size_t end = std::min(rest.find_first_of("= \t"), rest.size());
    const std::string name = Lower(rest.substr(0, end));
    std::string_view value = TrimLine(rest.substr(end));
    if (value.starts_with("=")) value = TrimLine(value.substr(1));
    const bool number = IsIn(kNumbers, name) && Number(value).has_value();
    if (!number && !IsIn(kOthers, name) && problem.empty()) {
      problem = std::string(path).append(" line ").append(std::to_string(line.number));
    }
    if (values.size() < 1000) values[name] = std::string(value);
  }
}

std::string PamSearchKey(std::string_view text, std::string_view key) {
  for (const NumberedLine& line : LinesOf(text)) {
    std::string_view rest = std::string_view(line.text).substr(0, line.text.find('#'));
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    const size_t end = std::min(rest.find_first_of(" \t="), rest.size());
    if (end == 0 || !EqualsNoCase(rest.substr(0, end), key)) continue;
    rest.remove_prefix(end);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t="), rest.size()));
    return std::string(rest);
  }
  return "";
}

PasswordStack JudgePasswordStack(const PamService& service, const QualitySettings& quality,
                                 const std::string& method) {
  PasswordStack judged;
  const auto found = service.stacks.find(PamType::kPassword);
  if (found == service.stacks.end()) return judged;
  const std::vector<PamHandler>& stack = found->second;
  std::vector<Bound> bounds(stack.size());
  std::set<int64_t> lengths;
  for (size_t i = 0; i < stack.size(); ++i) {
    const std::string name = NameOf(stack[i]);
    if (name == "pam_pwquality" || name == "pam_cracklib" || name == "pam_passwdqc")
      ++judged.modules;
    if (name == "pam_passwdqc") bounds[i] = {0, kAnyLength};
    if (name == "pam_pwquality" || name == "pam_cracklib")
      bounds[i] = QualityBound(stack[i], quality, name == "pam_cracklib");
    if (name == "pam_unix") {
      judged.methods.insert(MethodOf(stack[i], method));
      bounds[i].surely = bounds[i].perhaps = kLeastLength;
      for (const std::string& argument : stack[i].line.arguments) {
        if (!argument.starts_with("minlen=")) continue;
        const int64_t length = Number(argument.substr(7)).value_or(0);
        bounds[i].surely = bounds[i].perhaps = length;
      }
    }
    for (const int64_t length : {bounds[i].surely, bounds[i].perhaps}) lengths.insert(length);
  }
  for (const int64_t length : lengths) {
    Walk walk(stack, bounds, length);
    if (!walk.Changes(Walk::Others::kAnything, true)) {
      judged.shortest = std::max(judged.shortest, length);
    } else if (judged.place.empty()) {
      judged.place = PlaceOf(stack[walk.where()]);
    }
    if (!walk.Changes(Walk::Others::kSucceed, false) || !walk.Changes(Walk::Others::kFail, false))
      judged.perhaps = std::max(judged.perhaps, length);
  }
  return judged;
}

}  // namespace tom
