#include "collector/ctl/catalogue_diff.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tom {
namespace {

using Details = std::vector<std::string>;

constexpr size_t kLongestShown = 60;

// A value on one line; "" where it is too long to be read beside another.
std::string Shown(const Json* value) {
  if (value == nullptr) return "nothing";
  if (value->IsArray() && value->AsArray().empty()) return "[]";
  std::string text = value->IsString() ? value->AsString() : Canonical(*value);
  const bool plain =
      text.size() <= kLongestShown && text.find_first_of("\n\r") == std::string::npos;
  return plain ? text : "";
}

void AddMember(const std::string& name, const Json* before, const Json* after, Details& details) {
  const std::string old = Shown(before);
  const std::string now = Shown(after);
  details.push_back(old.empty() || now.empty() ? name : absl::StrCat(name, " ", old, " -> ", now));
}

// Members of two objects that differ, those of `apart` left to the caller.
void DiffMembers(const Json& before, const Json& after, const std::set<std::string>& apart,
                 const std::string& prefix, Details& details) {
  std::set<std::string> names;
  for (const auto& [name, value] : before.AsObject()) names.insert(name);
  for (const auto& [name, value] : after.AsObject()) names.insert(name);
  for (const std::string& name : names) {
    if (apart.contains(name)) continue;
    const Json* const old = before.Find(name);
    const Json* const now = after.Find(name);
    if (old != nullptr && now != nullptr && *old == *now) continue;
    AddMember(absl::StrCat(prefix, name), old, now, details);
  }
}

std::string Direction(const Parameter& parameter, const Json& before, const Json& after) {
  if (parameter.stricter == "declared") return "";
  return Loosens(parameter, before, after) ? ", looser" : ", stricter";
}

void DiffParameters(const Check& before, const Check& after, Details& details) {
  std::set<std::string> names;
  for (const auto& [name, parameter] : before.parameters) names.insert(name);
  for (const auto& [name, parameter] : after.parameters) names.insert(name);
  for (const std::string& name : names) {
    const auto old = before.parameters.find(name);
    const auto now = after.parameters.find(name);
    const std::string what = absl::StrCat("parameter ", name);
    if (old == before.parameters.end() || now == after.parameters.end()) {
      details.push_back(absl::StrCat(what, now == after.parameters.end() ? " removed" : " added"));
      continue;
    }
    const bool same_kind = old->second.type == now->second.type &&
                           old->second.stricter == now->second.stricter &&
                           old->second.personal == now->second.personal;
    if (!same_kind) details.push_back(absl::StrCat(what, " of another type or direction"));
    if (old->second.value == now->second.value) continue;
    AddMember(what, &old->second.value, &now->second.value, details);
    if (same_kind) {
      details.back().append(Direction(now->second, old->second.value, now->second.value));
    }
  }
}

std::string Trial(const Catalogue& catalogue, const std::string& check) {
  const auto found = catalogue.observed.find(check);
  if (found == catalogue.observed.end()) return "counts";
  return found->second ? absl::StrCat("on trial until ", FormatUtc(*found->second)) : "on trial";
}

// The values that each check gets under the profile, where they differ.
void DiffValues(const Catalogue& before, const Catalogue& after, const std::string& profile,
                Details& details) {
  for (const auto& [id, check] : after.checks) {
    const auto old = before.checks.find(id);
    if (old == before.checks.end()) continue;
    const auto was = ProfileValues(old->second, before.profiles.at(profile));
    for (const auto& [name, value] : ProfileValues(check, after.profiles.at(profile))) {
      const auto found = was.find(name);
      if (found == was.end() || found->second == value) continue;
      AddMember(absl::StrCat(id, " ", name), &found->second, &value, details);
      details.back().append(Direction(check.parameters.at(name), found->second, value));
    }
  }
}

void DiffClauses(const Profile& before, const Profile& after, Details& details) {
  std::map<std::string, Json> old;
  std::map<std::string, Json> now;
  const auto clauses = [](const Profile& profile, std::map<std::string, Json>& by_id) {
    const Json json = ProfileToJson(profile);
    const Json* const list = json.Find("clauses");
    for (const Json& clause : list != nullptr ? list->AsArray() : Json::Array{}) {
      by_id.emplace(clause.Find("clause")->AsString(), clause);
    }
  };
  clauses(before, old);
  clauses(after, now);
  for (const auto& [id, clause] : old) {
    const auto found = now.find(id);
    if (found == now.end()) {
      details.push_back(absl::StrCat("clause ", id, " removed"));
    } else {
      DiffMembers(clause, found->second, {"clause"}, absl::StrCat("clause ", id, " "), details);
    }
  }
  for (const auto& [id, clause] : now) {
    if (!old.contains(id)) details.push_back(absl::StrCat("clause ", id, " added"));
  }
}

class Differ {
 public:
  Differ(const Catalogue& before, const Catalogue& after) : before_(before), after_(after) {}

  std::vector<CatalogueChange> Run() {
    Walk("check", before_.checks, after_.checks, [this](const std::string& id, Details& details) {
      const Check& old = before_.checks.at(id);
      const Check& now = after_.checks.at(id);
      DiffMembers(CheckToJson(old), CheckToJson(now), {"parameters"}, "", details);
      DiffParameters(old, now, details);
      const std::string was = Trial(before_, id);
      const std::string is = Trial(after_, id);
      if (was != is) details.push_back(absl::StrCat(was, " -> ", is));
    });
    Walk("measure", before_.measures, after_.measures,
         [this](const std::string& id, Details& details) {
           DiffMembers(MeasureToJson(before_.measures.at(id)),
                       MeasureToJson(after_.measures.at(id)), {}, "", details);
         });
    Walk("profile", before_.profiles, after_.profiles,
         [this](const std::string& id, Details& details) {
           const Profile& old = before_.profiles.at(id);
           const Profile& now = after_.profiles.at(id);
           DiffMembers(ProfileToJson(old), ProfileToJson(now), {"clauses"}, "", details);
           DiffClauses(old, now, details);
           DiffValues(before_, after_, id, details);
         });
    Walk("authority", Authorities(before_), Authorities(after_),
         [](const std::string&, Details&) {});
    return std::move(changes_);
  }

 private:
  static std::map<std::string, int> Authorities(const Catalogue& catalogue) {
    std::map<std::string, int> digests;
    for (const std::string& der : catalogue.authorities) digests[Sha256(der).Hex()] = 0;
    return digests;
  }

  template <typename Map, typename Compare>
  void Walk(const char* kind, const Map& before, const Map& after, const Compare& compare) {
    std::set<std::string> ids;
    for (const auto& [id, value] : before) ids.insert(id);
    for (const auto& [id, value] : after) ids.insert(id);
    for (const std::string& id : ids) {
      if (!after.contains(id)) {
        changes_.push_back({kind, id, "removed", ""});
      } else if (!before.contains(id)) {
        changes_.push_back({kind, id, "added", AddedAs(kind, id)});
      } else {
        Details details;
        compare(id, details);
        if (!details.empty()) {
          changes_.push_back({kind, id, "changed", absl::StrJoin(details, "; ")});
        }
      }
    }
  }

  std::string AddedAs(std::string_view kind, const std::string& id) const {
    return kind == "check" ? Trial(after_, id) : "";
  }

  const Catalogue& before_;
  const Catalogue& after_;
  std::vector<CatalogueChange> changes_;
};

}  // namespace

std::vector<CatalogueChange> DiffCatalogues(const Catalogue& before, const Catalogue& after) {
  return Differ(before, after).Run();
}

}  // namespace tom
