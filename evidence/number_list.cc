#include "evidence/number_list.h"

namespace tom {
namespace {

std::string ItemName(const Json& item, size_t position) {
  for (const char* key : {"measure", "id"}) {
    const Json* name = item.Find(key);
    if (name != nullptr && name->IsString()) return name->AsString();
  }
  return std::to_string(position);
}

void Flatten(const Json& value, const std::string& path, std::map<std::string, std::string>& out) {
  if (value.IsString()) {
    out[path] = value.AsString();
  } else if (value.IsInteger()) {
    out[path] = std::to_string(value.AsInteger());
  } else if (value.IsObject()) {
    for (const auto& [key, member] : value.AsObject()) Flatten(member, NumberPath(path, key), out);
  } else {
    size_t position = 0;
    for (const Json& item : value.AsArray()) {
      Flatten(item, NumberPath(path, ItemName(item, position)), out);
      ++position;
    }
  }
}

}  // namespace

std::string NumberPath(const std::string& parent, std::string_view key) {
  std::string path = parent;
  if (!path.empty()) path.push_back('/');
  for (const char c : key) {
    if (c == '/') {
      path += "%2F";
    } else if (c == '%') {
      path += "%25";
    } else {
      path.push_back(c);
    }
  }
  return path;
}

std::map<std::string, std::string> NumberList(const Json& numbers) {
  std::map<std::string, std::string> out;
  Flatten(numbers, "", out);
  return out;
}

}  // namespace tom
