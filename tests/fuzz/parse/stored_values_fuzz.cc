// Values that data keeps, and small settings: dates, forms of passwords, sizes, where the journal
// is uploaded to. What nobody understands is no date and no strong password.
#include "checks/parse/data_time.h"
#include "checks/parse/journal_upload.h"
#include "checks/parse/password_form.h"
#include "checks/parse/size_text.h"
#include "tests/fuzz/fuzz.h"

namespace tom {

void Fuzz(std::string_view input) {
  const auto moment = ParseDataTime(input);
  TOM_FUZZ_CHECK(!moment || *moment > -86400);
  const auto size = ParseSizeText(input);
  TOM_FUZZ_CHECK(!size || *size >= 0);
  const PasswordForm form = RecognisePassword(input);
  if (form.strength == PasswordStrength::kStrong) TOM_FUZZ_CHECK(input.size() >= 24);
  UnitFile settings;
  settings.Read(input);
  const JournalUpload upload = ReadJournalUpload(settings, {std::string(input)});
  TOM_FUZZ_CHECK(!upload.url.empty() || upload.works == std::optional<bool>(false));
}

}  // namespace tom
