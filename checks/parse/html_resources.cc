#include "checks/parse/html_resources.h"

#include <algorithm>

#include "checks/parse/ascii_words.h"

namespace tom {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f";

struct Attribute {
  std::string name;
  std::string value;
};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return lower;
}

std::string Unescaped(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '&') {
      plain += text[i];
    } else if (StartsNoCase(text.substr(i), "&amp;")) {
      plain += '&';
      i += 4;
    } else if (text.substr(i).starts_with("&#x2f;") || text.substr(i).starts_with("&#x2F;")) {
      plain += '/';
      i += 5;
    } else if (text.substr(i).starts_with("&#47;")) {
      plain += '/';
      i += 4;
    } else if (text.substr(i).starts_with("&#58;")) {
      plain += ':';
      i += 4;
    } else {
      plain += text[i];
    }
  }
  const size_t first = plain.find_first_not_of(kBlanks);
  if (first == std::string::npos) return "";
  return plain.substr(first, plain.find_last_not_of(kBlanks) - first + 1);
}

class HtmlReader {
 public:
  explicit HtmlReader(std::string_view html) : html_(html) {}

  HtmlPage Read() {
    while ((at_ = html_.find('<', at_)) != std::string_view::npos) {
      const std::string_view rest = html_.substr(at_);
      if (rest.starts_with("<!--")) {
        SkipPast("-->");
      } else if (rest.size() > 1 &&
                 ((rest[1] >= 'a' && rest[1] <= 'z') || (rest[1] >= 'A' && rest[1] <= 'Z'))) {
        Tag();
      } else {
        ++at_;
      }
    }
    return std::move(page_);
  }

 private:
  void SkipPast(std::string_view end) {
    const size_t found = html_.find(end, at_ + 1);
    page_.more = page_.more || found == std::string_view::npos;
    at_ = found == std::string_view::npos ? html_.size() : found + end.size();
  }

  void Tag() {
    ++at_;
    const size_t end = std::min(html_.find_first_of(" \t\r\n\f/>", at_), html_.size());
    const std::string name = Lower(html_.substr(at_, end - at_));
    at_ = end;
    std::vector<Attribute> attributes;
    if (!Attributes(attributes)) page_.more = true;
    Take(name, attributes);
    if (name == "script" || name == "style") Content(name);
  }

  // The raw text of a script or a style, up to its end tag.
  void Content(const std::string& name) {
    const std::string close = "</" + name;
    const auto found =
        std::search(html_.begin() + static_cast<std::ptrdiff_t>(at_), html_.end(), close.begin(),
                    close.end(), [](char a, char b) { return UpperAscii(a) == UpperAscii(b); });
    const auto end = static_cast<size_t>(found - html_.begin());
    if (name == "style") Style(html_.substr(at_, end - at_));
    page_.more = page_.more || end == html_.size();
    at_ = end;
  }

  void Style(std::string_view text) {
    for (std::string& reference : CssReferences(text)) Add("style", std::move(reference));
  }

  bool Attributes(std::vector<Attribute>& attributes) {
    while (at_ < html_.size()) {
      at_ = std::min(html_.find_first_not_of(" \t\r\n\f/", at_), html_.size());
      if (at_ >= html_.size()) return false;
      if (html_[at_] == '>') {
        ++at_;
        return true;
      }
      const size_t end = std::min(html_.find_first_of(" \t\r\n\f/>=", at_ + 1), html_.size());
      Attribute one{Lower(html_.substr(at_, end - at_)), ""};
      at_ = std::min(html_.find_first_not_of(kBlanks, end), html_.size());
      if (at_ < html_.size() && html_[at_] == '=') {
        ++at_;
        if (!AttributeValue(one.value)) return false;
      }
      if (attributes.size() < 200) attributes.push_back(std::move(one));
    }
    return false;
  }

  bool AttributeValue(std::string& value) {
    at_ = std::min(html_.find_first_not_of(kBlanks, at_), html_.size());
    if (at_ >= html_.size()) return false;
    const char quote = html_[at_];
    if (quote == '"' || quote == '\'') {
      const size_t end = html_.find(quote, at_ + 1);
      if (end == std::string_view::npos) {
        at_ = html_.size();
        return false;
      }
      value = Unescaped(html_.substr(at_ + 1, end - at_ - 1));
      at_ = end + 1;
      return true;
    }
    const size_t end = std::min(html_.find_first_of(" \t\r\n\f>", at_), html_.size());
    value = Unescaped(html_.substr(at_, end - at_));
    at_ = end;
    return true;
  }

  static const std::string* Value(const std::vector<Attribute>& attributes, std::string_view name) {
    for (const Attribute& one : attributes) {
      if (one.name == name) return &one.value;
    }
    return nullptr;
  }

  void Take(const std::string& tag, const std::vector<Attribute>& attributes) {
    if (tag == "script") ++page_.scripts;
    for (const Attribute& one : attributes) {
      const bool handler = one.name.starts_with("on") && one.name.size() > 2;
      if (handler || StartsNoCase(one.value, "javascript:")) ++page_.scripts;
      if (one.name == "style") Style(one.value);
      Loads(tag, one, attributes);
    }
    if (tag == "base" && page_.base.empty()) {
      if (const std::string* href = Value(attributes, "href")) page_.base = *href;
    }
    if (tag == "meta") Meta(attributes);
  }

  void Loads(const std::string& tag, const Attribute& one,
             const std::vector<Attribute>& attributes) {
    if (one.name == "src" || one.name == "poster" || one.name == "background" ||
        (one.name == "data" && tag == "object")) {
      return Add(tag, one.value);
    }
    if (one.name == "srcdoc") {
      page_.more = true;  // a page inside of the page
    } else if (one.name == "srcset") {
      size_t start = 0;
      while (start < one.value.size()) {
        const size_t end = std::min(one.value.find(',', start), one.value.size());
        const auto words = WordsOf(std::string_view(one.value).substr(start, end - start), kBlanks);
        if (!words.empty()) Add(tag, std::string(words[0]));
        start = end + 1;
      }
    } else if (one.name == "href" && tag == "link") {
      const std::string* rel = Value(attributes, "rel");
      const auto words =
          WordsOf(rel == nullptr ? std::string_view() : std::string_view(*rel), kBlanks);
      for (const char* loads : {"stylesheet", "icon", "preload", "modulepreload", "manifest",
                                "apple-touch-icon", "mask-icon", "prefetch", "prerender"}) {
        if (HasWord(words, loads)) return Add(tag, one.value);
      }
    } else if ((one.name == "href" || one.name == "xlink:href") &&
               (tag == "image" || tag == "use")) {
      Add(tag, one.value);
    }
  }

  void Add(const std::string& tag, std::string reference) {
    if (page_.resources.size() >= kMaxHtmlResources) {
      page_.more = true;
      return;
    }
    page_.resources.push_back({tag, std::move(reference)});
  }

  void Meta(const std::vector<Attribute>& attributes) {
    const std::string* equivalent = Value(attributes, "http-equiv");
    if (equivalent == nullptr) return;
    if (EqualsNoCase(*equivalent, "set-cookie")) page_.cookie_meta = true;
    if (EqualsNoCase(*equivalent, "refresh")) page_.more = true;  // leads to another page
  }

  std::string_view html_;
  size_t at_ = 0;
  HtmlPage page_;
};

}  // namespace

std::vector<std::string> CssReferences(std::string_view css) {
  std::vector<std::string> references;
  for (size_t at = 0; at < css.size() && references.size() <= kMaxHtmlResources;) {
    const bool url = StartsNoCase(css.substr(at), "url(");
    const bool import = StartsNoCase(css.substr(at), "@import");
    if (!url && !import) {
      ++at;
      continue;
    }
    at += url ? 4 : 7;
    at = std::min(css.find_first_not_of(kBlanks, at), css.size());
    if (at >= css.size() || (import && css[at] != '"' && css[at] != '\'')) continue;
    const bool quoted = css[at] == '"' || css[at] == '\'';
    const size_t end = quoted ? css.find(css[at], at + 1) : css.find(')', at);
    if (end == std::string_view::npos) break;
    references.push_back(Unescaped(css.substr(at + (quoted ? 1 : 0), end - at - (quoted ? 1 : 0))));
    at = end + 1;
  }
  return references;
}

HtmlPage ReadHtml(std::string_view html) { return HtmlReader(html).Read(); }

}  // namespace tom
