#include "evidence/parameter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

#include "evidence/status_text.h"
#include "evidence/utc_time.h"

namespace tom {
namespace {

constexpr std::array<std::pair<std::string_view, int>, 6> kTlsRanks = {{{"SSLv2", 2},
                                                                        {"SSLv3", 3},
                                                                        {"TLSv1.0", 10},
                                                                        {"TLSv1.1", 11},
                                                                        {"TLSv1.2", 12},
                                                                        {"TLSv1.3", 13}}};

bool IsOrdered(std::string_view type) {
  return type == "integer" || type == "duration" || type == "tls_version";
}

absl::StatusOr<Json> TypedInteger(const Json& raw) {
  if (raw.IsInteger()) return raw;
  int64_t value = 0;
  const std::string text = raw.IsString() ? raw.AsString() : "";
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || std::to_string(value) != text || value > Json::kMaxInteger ||
      value < -Json::kMaxInteger) {
    return BadData("expected a whole decimal number");
  }
  return Json(value);
}

absl::StatusOr<Json> TypedList(const Json& raw) {
  if (raw.IsString()) return Json(Json::Array{raw});
  if (!raw.IsArray()) return BadData("expected a list of texts");
  Json::Array items = raw.AsArray();
  for (const Json& item : items) {
    if (!item.IsString()) return BadData("expected a list of texts");
  }
  const auto before = [](const Json& a, const Json& b) { return a.AsString() < b.AsString(); };
  std::sort(items.begin(), items.end(), before);
  items.erase(std::unique(items.begin(), items.end()), items.end());
  return Json(std::move(items));
}

// An ordered value as a number. REQUIRES: typed.
int64_t Size(std::string_view type, const Json& value) {
  if (type == "integer") return value.AsInteger();
  if (type == "duration") return ParseDurationSeconds(value.AsString()).value_or(0);
  return TlsRank(value.AsString()).value_or(0);
}

bool Includes(const Json& all, const Json& some) {
  return std::all_of(some.AsArray().begin(), some.AsArray().end(), [&](const Json& item) {
    return std::find(all.AsArray().begin(), all.AsArray().end(), item) != all.AsArray().end();
  });
}

Json CombineLists(const Json& a, const Json& b, bool unite) {
  const auto before = [](const Json& x, const Json& y) { return x.AsString() < y.AsString(); };
  const Json::Array& left = a.AsArray();
  const Json::Array& right = b.AsArray();
  Json::Array items;
  if (unite) {
    std::set_union(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(items),
                   before);
  } else {
    std::set_intersection(left.begin(), left.end(), right.begin(), right.end(),
                          std::back_inserter(items), before);
  }
  return Json(std::move(items));
}

}  // namespace

std::optional<int> TlsRank(std::string_view version) {
  for (const auto& [name, rank] : kTlsRanks) {
    if (name == version) return rank;
  }
  return std::nullopt;
}

absl::StatusOr<Json> TypedValue(const Parameter& parameter, const Json& raw) {
  if (parameter.type == "integer") return TypedInteger(raw);
  if (parameter.type == "list") return TypedList(raw);
  if (!raw.IsString()) return BadData("expected a text");
  if (parameter.type == "duration") {
    TOM_RETURN_IF_ERROR(ParseDurationSeconds(raw.AsString()).status());
  }
  if (parameter.type == "tls_version" && !TlsRank(raw.AsString())) {
    return BadData("expected one of SSLv2 SSLv3 TLSv1.0 TLSv1.1 TLSv1.2 TLSv1.3");
  }
  return raw;
}

absl::Status CheckParameter(const Parameter& parameter, std::string_view where) {
  const std::string& type = parameter.type;
  const std::string& stricter = parameter.stricter;
  const std::string path(where);
  if (type != "text" && type != "list" && !IsOrdered(type)) {
    return BadData(path + ".type: expected text, integer, duration, tls_version or list");
  }
  const bool by_size = stricter == "lower" || stricter == "higher";
  const bool by_inclusion = stricter == "subset" || stricter == "superset";
  if (!by_size && !by_inclusion && stricter != "declared") {
    return BadData(path + ".stricter: expected lower, higher, subset, superset or declared");
  }
  if ((by_size && !IsOrdered(type)) || (by_inclusion && type != "list")) {
    return BadData(path + ".stricter: " + stricter + " does not go with the type " + type);
  }
  const auto typed = TypedValue(parameter, parameter.value);
  if (!typed.ok()) return Annotate(typed.status(), path + ".value");
  if (*typed != parameter.value) return BadData(path + ".value: not of the type " + type);
  return absl::OkStatus();
}

bool Loosens(const Parameter& parameter, const Json& base, const Json& candidate) {
  if (parameter.stricter == "declared" || base == candidate) return false;
  if (parameter.stricter == "subset") return !Includes(base, candidate);
  if (parameter.stricter == "superset") return !Includes(candidate, base);
  if (!IsOrdered(parameter.type)) return true;
  const int64_t from = Size(parameter.type, base);
  const int64_t to = Size(parameter.type, candidate);
  return parameter.stricter == "lower" ? to > from : to < from;
}

Json BothDemanded(const Parameter& parameter, const Json& base, const Json& candidate) {
  if (parameter.stricter == "declared") return candidate;
  if (parameter.type == "list") {
    return CombineLists(base, candidate, parameter.stricter == "superset");
  }
  return Loosens(parameter, base, candidate) ? base : candidate;
}

}  // namespace tom
