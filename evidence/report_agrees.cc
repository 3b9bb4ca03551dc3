#include "evidence/report_agrees.h"

#include <array>
#include <set>

#include "evidence/catalogue.h"
#include "evidence/digest.h"
#include "evidence/number_list.h"
#include "evidence/status_text.h"
#include "evidence/utc_time.h"

namespace tom {
namespace {

constexpr std::string_view kMark = "data-tom=\"";

std::string_view LastPart(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// 983200 -> "98.32 %"; never rounded up.
std::string Percent(int ppm) {
  std::string fraction = std::to_string(10000 + ppm % 10000).substr(1);
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  const std::string whole = std::to_string(ppm / 10000);
  return whole + (fraction.empty() ? "" : "." + fraction) + " %";
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return lower;
}

absl::Status CheckPassive(std::string_view html) {
  constexpr std::array<std::string_view, 14> kRefused = {
      "<script", "<iframe", "<frame",  "<object", "<embed", "<form",   "<base",
      "<link",   "<input",  "<button", "<svg",    "<math",  "@import", "http-equiv"};
  const std::string lower = LowerCase(html);
  for (const std::string_view refused : kRefused) {
    if (lower.find(refused) != std::string::npos) {
      return BadData("holds " + std::string(refused) + ", which no report has");
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string ShownNumber(std::string_view path, std::string_view text) {
  const std::string_view name = LastPart(path);
  if (name == "outside_anchor") return text == "1" ? "yes" : "no";
  if (name == "coverage") {
    const auto ppm = ParseFractionPpm(text);
    return ppm.ok() ? Percent(*ppm) : std::string(text);
  }
  if (const auto time = ParseUtc(text); time.ok()) {
    return std::string(text.substr(0, 10)) + " " + std::string(text.substr(11, 8)) + " UTC";
  }
  std::string shown(text);
  if (name == "status") {
    for (char& c : shown) c = c == '_' ? ' ' : c;
  }
  return shown;
}

std::string HtmlText(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  const bool utf8 = IsUtf8(text);
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else if (c == '`') {
      out += "&#96;";
    } else if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f || (byte >= 0x80 && !utf8)) {
      out += "\xef\xbf\xbd";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

absl::Status CheckReport(std::string_view html, const Json& numbers) {
  TOM_RETURN_IF_ERROR(CheckPassive(html));
  const std::map<std::string, std::string> expected = NumberList(numbers);
  std::set<std::string> shown;
  for (size_t at = html.find(kMark); at != std::string_view::npos; at = html.find(kMark, at)) {
    at += kMark.size();
    const size_t quote = html.find('"', at);
    if (quote == std::string_view::npos || quote + 1 >= html.size() || html[quote + 1] != '>') {
      return BadData("a figure whose mark does not end");
    }
    const std::string path(html.substr(at, quote - at));
    const size_t end = html.find('<', quote);
    if (end == std::string_view::npos) return BadData("a figure that does not end");
    const std::string_view text = html.substr(quote + 2, end - quote - 2);
    const auto found = expected.find(path);
    if (found == expected.end())
      return BadData("shows a figure that the evidence does not give: " + path);
    if (text != HtmlText(ShownNumber(path, found->second))) {
      return BadData(path + " is shown as " + std::string(text) + ", the evidence gives " +
                     ShownNumber(path, found->second));
    }
    shown.insert(path);
  }
  for (const auto& [path, text] : expected) {
    if (shown.count(path) == 0) return BadData(path + " is not shown");
  }
  return absl::OkStatus();
}

}  // namespace tom
