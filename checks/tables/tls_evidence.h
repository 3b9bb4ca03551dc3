// What answers to hellos prove about the versions that one endpoint speaks (formats.md section 11).
//
// "Not offered" needs positive evidence: the question was answered, by a refusal or by a lower
// version, and the same endpoint accepted another. Where two questions cover a version, the one
// with the lower cap decides: it was nearer.
#ifndef TOM_CHECKS_TABLES_TLS_EVIDENCE_H_
#define TOM_CHECKS_TABLES_TLS_EVIDENCE_H_

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "checks/parse/tls_version.h"

namespace tom {

enum class TlsOffer { kUnknown, kRefused, kAccepted };

class TlsEvidence {
 public:
  struct Finding {
    TlsOffer offer = TlsOffer::kUnknown;
    TlsVersion cap = TlsVersion::kTls13;
    std::string why;
  };

  // `cap` is the highest version of a hello. One of SSLv2 or TLSv1.3 asks for that version alone,
  // the others for SSLv3 up to it. Choosing a version over the cap is a doubt.
  void Chose(TlsVersion cap, TlsVersion chosen);
  void Refused(TlsVersion cap);
  void Doubt(TlsVersion cap, const std::string& why);
  // Accepted, by a hello that says nothing about other versions.
  void Seen(TlsVersion version);

  TlsOffer Of(TlsVersion version) const;
  bool AnyAccepted() const;
  // Accepted versions, weakest first, blank-separated.
  std::string Accepted() const;
  std::optional<TlsVersion> Weakest() const;  // of those accepted
  std::optional<TlsVersion> Strongest() const;
  // Whether every version below the weakest accepted one is known to be refused.
  bool WeakestIsSure() const;
  // "TLSv1.1: reset twice; SSLv2: …" for the versions that remain unknown.
  std::string Doubts() const;

  // All of it, to be kept and taken up again.
  const std::map<TlsVersion, Finding>& findings() const { return findings_; }
  void Restore(TlsVersion version, Finding finding) { findings_[version] = std::move(finding); }

 private:
  void Note(TlsVersion version, Finding finding);

  std::map<TlsVersion, Finding> findings_;
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_TLS_EVIDENCE_H_
