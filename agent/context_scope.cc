#include "agent/context_scope.h"

#include <set>

namespace tom {
namespace {

using Scope = std::vector<std::string>;

std::string TextOf(const Json& item, const char* key) {
  const Json* value = item.Find(key);
  return value != nullptr && value->IsString() ? value->AsString() : std::string();
}

Scope ScopeOfItem(const HostView& host, const Json& item) {
  if (!item.IsObject()) return ScopeOf(host, "");
  std::set<std::string> named;
  const Json* controllers = item.Find("controllers");
  if (controllers != nullptr && controllers->IsArray()) {
    for (const Json& one : controllers->AsArray()) {
      if (one.IsString()) named.insert(one.AsString());
    }
  }
  if (!named.empty()) return {named.begin(), named.end()};
  const std::string subject = TextOf(item, "subject");
  return ScopeOf(host, subject.empty() ? TextOf(item, "path") : subject);
}

void SplitFile(const HostView& host, const std::string& file, const Json::Object& content,
               std::map<Scope, Json::Object>& parts) {
  const Scope own = ScopeOf(host, "");
  const auto put = [&](const Scope& scope, const std::string& key, const Json& value) {
    Json& place = parts[scope].emplace(file, Json::Object{}).first->second;
    place.AsObject().insert_or_assign(key, value);
  };
  parts[own].emplace(file, Json::Object{});
  for (const auto& [key, value] : content) {
    std::map<Scope, Json::Array> lists;
    if (value.IsArray()) {
      for (const Json& item : value.AsArray()) lists[ScopeOfItem(host, item)].push_back(item);
    }
    if (lists.empty()) put(own, key, value);
    for (auto& [scope, list] : lists) put(scope, key, Json(std::move(list)));
  }
}

}  // namespace

std::vector<std::string> EveryScope(const HostView& host) {
  std::set<std::string> all;
  const Scope own = ScopeOf(host, "");
  all.insert(own.begin(), own.end());
  for (const SubjectScope& scope : host.scopes) {
    all.insert(scope.controllers.begin(), scope.controllers.end());
  }
  if (all.contains("shared")) return {"shared"};
  return {all.begin(), all.end()};
}

std::map<std::vector<std::string>, Json> SplitConfiguration(const HostView& host,
                                                            const Json& configuration) {
  const Scope own = ScopeOf(host, "");
  std::map<Scope, Json::Object> parts;
  parts[own];
  for (const auto& [file, content] : configuration.AsObject()) {
    if (content.IsObject()) {
      SplitFile(host, file, content.AsObject(), parts);
    } else {
      parts[own].emplace(file, content);
    }
  }
  std::map<Scope, Json> split;
  for (auto& [scope, files] : parts) split.emplace(scope, std::move(files));
  return split;
}

}  // namespace tom
