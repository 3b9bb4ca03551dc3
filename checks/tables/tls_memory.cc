#include "checks/tables/tls_memory.h"

#include <algorithm>

#include "checks/parse/byte_reader.h"

namespace tom {
namespace {

constexpr uint32_t kFormat = 2;
constexpr size_t kMaxList = 1000;
constexpr UnixSeconds kOneHour = 3600;
constexpr UnixSeconds kSlack = 600;  // cycles are not exact: an hourly one must not come too late

class Writer {
 public:
  void Number(uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      out_.push_back(static_cast<char>(value >> shift & 0xFF));
    }
  }
  void Flag(bool value) { Number(value ? 1 : 0); }
  void Flag(const std::optional<bool>& value) { Number(value ? (*value ? 1 : 0) : 2); }
  void Text(std::string_view text) {
    Number(text.size());
    out_.append(text);
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : reader_(bytes) {}

  // At most `most`; else, and behind the end, 0 and not ok.
  uint64_t Number(uint64_t most) {
    const uint64_t high = reader_.Number(4);
    const uint64_t value = high << 32 | reader_.Number(4);
    if (reader_.ok() && value <= most) return value;
    ok_ = false;
    return 0;
  }
  bool Flag() { return Number(1) == 1; }
  std::optional<bool> MaybeFlag() {
    const uint64_t value = Number(2);
    return value == 2 ? std::nullopt : std::optional<bool>(value == 1);
  }
  std::string Text() { return std::string(reader_.Bytes(Number(1 << 20))); }
  TlsVersion Version() {
    const auto version = static_cast<TlsVersion>(Number(0xFFFF));
    for (const TlsVersion known : kTlsVersions) {
      if (known == version) return version;
    }
    ok_ = false;
    return TlsVersion::kTls13;
  }
  bool ok() const { return ok_ && reader_.ok(); }
  bool done() const { return ok() && reader_.empty(); }

 private:
  ByteReader reader_;
  bool ok_ = true;
};

void WriteEvidence(Writer& out, const TlsEvidence& evidence) {
  out.Number(evidence.findings().size());
  for (const auto& [version, finding] : evidence.findings()) {
    out.Number(static_cast<uint64_t>(version));
    out.Number(static_cast<uint64_t>(finding.offer));
    out.Number(static_cast<uint64_t>(finding.cap));
    out.Text(finding.why);
  }
}

void ReadEvidence(Reader& in, TlsEvidence& evidence) {
  const uint64_t count = in.Number(kTlsVersions.size());
  for (uint64_t i = 0; i < count && in.ok(); ++i) {
    const TlsVersion version = in.Version();
    TlsEvidence::Finding finding;
    finding.offer = static_cast<TlsOffer>(in.Number(2));
    finding.cap = in.Version();
    finding.why = in.Text();
    evidence.Restore(version, std::move(finding));
  }
}

void WriteChains(Writer& out, const TlsFindings& findings) {
  out.Number(findings.chains.size());
  for (const auto& chain : findings.chains) {
    out.Number(chain.size());
    for (const std::string& der : chain) out.Text(der);
  }
  out.Number(findings.weak_suites.size());
  for (const std::string& name : findings.weak_suites) out.Text(name);
}

void ReadChains(Reader& in, TlsFindings& findings) {
  const uint64_t chains = in.Number(kMaxList);
  for (uint64_t i = 0; i < chains && in.ok(); ++i) {
    const uint64_t count = in.Number(kMaxList);
    auto& chain = findings.chains.emplace_back();
    for (uint64_t j = 0; j < count && in.ok(); ++j) chain.push_back(in.Text());
  }
  const uint64_t suites = in.Number(kMaxList);
  for (uint64_t i = 0; i < suites && in.ok(); ++i) findings.weak_suites.insert(in.Text());
}

void WriteFindings(Writer& out, const TlsFindings& findings) {
  out.Text(findings.outcome);
  out.Text(findings.error);
  out.Text(findings.first);
  out.Text(findings.starttls_end);
  out.Text(findings.plaintext_text);
  WriteEvidence(out, findings.evidence);
  WriteChains(out, findings);
  out.Flag(findings.client_certificate);
  out.Flag(findings.dhe);
  out.Flag(findings.plaintext);
  out.Flag(findings.suites_known);
  out.Flag(findings.static_key);
  out.Flag(findings.default_host_known);
  out.Flag(findings.injected);
  out.Flag(findings.versions_only);
  out.Number(findings.default_host ? static_cast<uint64_t>(*findings.default_host) : 0);
  out.Number(findings.starttls ? 1 + static_cast<uint64_t>(*findings.starttls) : 0);
  out.Flag(findings.alpn.has_value());
  out.Text(findings.alpn.value_or(""));
  out.Number(static_cast<uint64_t>(findings.dh_bits));
  out.Number(static_cast<uint64_t>(findings.handshake_ms + 1));
  out.Number(static_cast<uint64_t>(findings.connections));
}

void ReadFindings(Reader& in, TlsFindings& findings) {
  findings.outcome = in.Text();
  findings.error = in.Text();
  findings.first = in.Text();
  findings.starttls_end = in.Text();
  findings.plaintext_text = in.Text();
  ReadEvidence(in, findings.evidence);
  ReadChains(in, findings);
  findings.client_certificate = in.MaybeFlag();
  findings.dhe = in.MaybeFlag();
  findings.plaintext = in.MaybeFlag();
  findings.suites_known = in.Flag();
  findings.static_key = in.Flag();
  findings.default_host_known = in.Flag();
  findings.injected = in.Flag();
  findings.versions_only = in.Flag();
  constexpr uint64_t kMost = 1 << 30;
  if (const uint64_t host = in.Number(0x0304); host != 0) {
    findings.default_host = static_cast<TlsVersion>(host);
  }
  if (const uint64_t protocol = in.Number(8); protocol != 0) {
    findings.starttls = static_cast<StarttlsProtocol>(protocol - 1);
  }
  const bool alpn = in.Flag();
  std::string name = in.Text();
  if (alpn) findings.alpn = std::move(name);
  findings.dh_bits = static_cast<int>(in.Number(kMost));
  findings.handshake_ms = static_cast<int64_t>(in.Number(kMost)) - 1;
  findings.connections = static_cast<int>(in.Number(kMost));
}

bool NoDoubt(const TlsFindings& findings) {
  if (findings.outcome != "tls") {
    return findings.outcome == "not_tls" || findings.outcome == "no_starttls";
  }
  if (findings.versions_only) return findings.evidence.WeakestIsSure() && findings.error.empty();
  const bool plaintext = findings.starttls_end != "offered" || findings.plaintext.has_value();
  return findings.suites_known && findings.evidence.WeakestIsSure() && plaintext &&
         findings.dhe.has_value() && findings.error.empty();
}

}  // namespace

std::string EncodeTlsMemory(const TlsMemory& memory) {
  Writer out;
  out.Number(kFormat);
  out.Number(static_cast<uint64_t>(memory.asked_at));
  out.Number(static_cast<uint64_t>(memory.confirmed_at));
  out.Text(memory.fingerprint);
  WriteFindings(out, memory.findings);
  return out.Take();
}

std::optional<TlsMemory> ParseTlsMemory(std::string_view bytes) {
  constexpr uint64_t kMostSeconds = uint64_t{1} << 40;
  Reader in(bytes);
  TlsMemory memory;
  if (in.Number(kFormat) != kFormat) return std::nullopt;
  memory.asked_at = static_cast<UnixSeconds>(in.Number(kMostSeconds));
  memory.confirmed_at = static_cast<UnixSeconds>(in.Number(kMostSeconds));
  memory.fingerprint = in.Text();
  ReadFindings(in, memory.findings);
  // Whatever passes is what would be written again: no value has two forms.
  if (!in.done() || EncodeTlsMemory(memory) != bytes) return std::nullopt;
  for (const auto& chain : memory.findings.chains) {
    if (chain.empty()) return std::nullopt;
  }
  return memory;
}

TlsHold StillHolds(const TlsMemory& memory, const std::string& fingerprint, bool declared,
                   bool watched, UnixSeconds now) {
  const UnixSeconds age = now - memory.asked_at;
  const UnixSeconds unconfirmed = now - std::max(memory.asked_at, memory.confirmed_at);
  const bool back = age < 0 || unconfirmed < 0;  // the clock was set back
  if (back || memory.fingerprint != fingerprint) return TlsHold::kAskAgain;
  const std::string& outcome = memory.findings.outcome;
  const bool quiet = outcome == "silent" || outcome == "closed" || outcome == "reset";
  const bool sure = NoDoubt(memory.findings) || (!declared && quiet);
  if (unconfirmed < (sure ? 24 * kOneHour : kOneHour) - kSlack) return TlsHold::kHolds;
  // Where versions alone were asked there is no certificate to know the server again by.
  const bool known_again = watched && !memory.findings.versions_only;
  return sure && known_again && age < 7 * 24 * kOneHour ? TlsHold::kConfirm : TlsHold::kAskAgain;
}

bool Confirms(const TlsFindings& findings, const TlsFindings& first) {
  if (findings.outcome != "tls") return first.outcome == findings.outcome;
  if (first.outcome == "refused" || first.outcome == "closed") {  // TLSv1.3 alone
    return findings.evidence.Of(TlsVersion::kTls12) == TlsOffer::kRefused &&
           findings.evidence.Strongest() == TlsVersion::kTls13;
  }
  const auto chosen = first.evidence.Strongest();
  return first.outcome == "tls" && chosen && first.starttls_end == findings.starttls_end &&
         findings.evidence.Of(*chosen) == TlsOffer::kAccepted && !first.injected &&
         !findings.chains.empty() && first.chains.size() == 1 &&
         first.chains[0] == findings.chains[0];
}

}  // namespace tom
