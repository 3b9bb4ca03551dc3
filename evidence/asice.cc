#include "evidence/asice.h"

#include <algorithm>

#include "evidence/status_text.h"

namespace tom {
namespace {

std::string Render(std::string_view signature, std::string_view mime,
                   const std::vector<NamedDigest>& files) {
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<asic:ASiCManifest xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\""
      " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\n";
  out.append("<asic:SigReference URI=\"").append(signature);
  out.append("\" MimeType=\"").append(mime).append("\"/>\n");
  for (const auto& [name, digest] : files) {
    out.append("<asic:DataObjectReference URI=\"").append(name);
    out.append("\"><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>");
    out.append("<ds:DigestValue>").append(Base64Encode(digest.Raw()));
    out.append("</ds:DigestValue></asic:DataObjectReference>\n");
  }
  return out.append("</asic:ASiCManifest>\n");
}

std::string_view LineAround(std::string_view text, size_t offset) {
  if (offset >= text.size()) return "";
  const size_t before = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  const size_t begin = before == std::string_view::npos ? 0 : before + 1;
  return text.substr(begin, std::min(text.find('\n', offset), text.size()) - begin);
}

std::string_view UriOf(std::string_view line) {
  const size_t at = line.find("URI=\"");
  if (at == std::string_view::npos) return "";
  const std::string_view rest = line.substr(at + 5);
  return rest.substr(0, rest.find('"'));
}

}  // namespace

std::string RenderManifest(const std::vector<NamedDigest>& payload) {
  return Render(kSignatureName, "application/pkcs7-signature", payload);
}

std::string RenderArchiveManifest(const std::vector<NamedDigest>& files) {
  return Render(kArchiveStampName, "application/vnd.etsi.timestamp-token", files);
}

absl::Status CompareManifest(std::string_view found, std::string_view rendered) {
  if (found == rendered) return absl::OkStatus();
  const auto [a, b] = std::mismatch(rendered.begin(), rendered.end(), found.begin(), found.end());
  const auto offset = static_cast<size_t>(a - rendered.begin());
  // Only our own rendering is quoted: what was found is somebody else's text.
  const std::string_view name = UriOf(LineAround(rendered, offset));
  std::string text = "differs from the files at byte " + std::to_string(offset);
  if (!name.empty()) text.append(", where it must list ").append(name).append(" with its digest");
  return BadData(text);
}

}  // namespace tom
