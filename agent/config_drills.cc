// The map `drills` of the configuration.
#include "agent/config_reader.h"

namespace tom {

void ReadDrills(YamlFields& top, std::set<std::string>& singles, Declared& declared) {
  const YamlNode* map = top.Map("drills");
  if (map == nullptr) return;
  YamlFields fields(*map, top.file(), "drills");
  const auto single = [&](const char* key) {
    if (!fields.Has(key)) {
      fields.Any(key);
      return false;
    }
    if (!singles.insert(fields.Path(key)).second) {
      fields.Fail(key, "stands in two files of the configuration");
    }
    return true;
  };
  DeclaredDrills& drills = declared.drills;
  if (single("user")) drills.user = fields.Text("user");
  if (drills.user == "root") fields.Fail("user", "restoring with all rights is no drill");
  if (single("files")) drills.files = fields.Integer("files", 1, 256);
  if (single("mib")) drills.mib = fields.Integer("mib", 2, 4096);
  if (single("seconds")) drills.seconds = fields.Integer("seconds", 1, 3600);
  if (single("records")) drills.records = PathOr(fields, "records");
  top.Keep(fields.Finish());
}

}  // namespace tom
