// The claims `container`, `signer` and `signed-time`: what signature and time-stamps say of the
// file as a whole.
#ifndef TOM_EVIDENCE_CONTAINER_CLAIMS_H_
#define TOM_EVIDENCE_CONTAINER_CLAIMS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "evidence/certificate.h"
#include "evidence/pack_evidence.h"
#include "evidence/pack_reader.h"
#include "evidence/timestamp.h"

namespace tom {

struct ContainerTrust {
  std::string ca_der;
  std::vector<std::string> tsa_authorities;  // DER; empty: no time-stamp can be believed
  std::optional<Digest> signer;              // the one certificate that may have signed
  UnixSeconds at = 0;                        // "now" of the verification
};

struct JudgedContainer {
  std::vector<Claim> claims;              // container, signer, signed-time
  std::vector<std::string> payload;       // in the order of the file, without META-INF
  std::map<std::string, Digest> digests;  // of the payload
  std::optional<CertificateInfo> signer;  // when its signature is good, believed or not
  std::optional<TimeStamp> stamp;         // of the signature, when believed
  // Neither container nor signer is disproven: the payload is worth reading.
  bool sound = false;
};

JudgedContainer JudgeContainer(const PackReader& pack, const ContainerTrust& trust);

}  // namespace tom

#endif  // TOM_EVIDENCE_CONTAINER_CLAIMS_H_
