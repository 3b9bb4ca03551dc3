#include "collector/pack/html_report.h"

namespace tom {

namespace {

constexpr char kReadme[] = R"TXT(Evidence pack
=============

This file is an ASiC-E container (ETSI EN 319 162-1): a ZIP file whose every
payload file is listed with its SHA-256 in META-INF/ASiCManifest001.xml, which
is signed in META-INF/signature001.p7s (CAdES).

  report/index.html    the report, for people
  oscal/               the same as OSCAL 1.2.2: catalog, profile, plan, results
  evidence/            signed observations, rules and the texts behind them
  ledger/stamps.json   states of the ledger with their outside time-stamps
  pack.json            period, profile and every figure

Complete verification
---------------------

  tom-verify PACK.asice --trust CERTIFICATE-OR-TRUST-FILE --tsa-trust TSA.pem

It needs no network, recomputes every figure from the signed observations and
says of each claim whether it is proven. Exit code 0: valid.

By hand, without any program of the processor
---------------------------------------------

1. Unpack into an empty folder.

     mkdir pack && cd pack && unzip ../PACK.asice

2. The manifest is signed, and its signer is certified by the CA that you were
   given (ca.pem).

     openssl cms -verify -binary -cades -inform DER \
       -in META-INF/signature001.p7s -content META-INF/ASiCManifest001.xml \
       -CAfile ca.pem -purpose any -signer ../signer.pem -out /dev/null

3. The certificate is one for signing documents and nothing else: its only
   extended key usage is 1.3.6.1.5.5.7.3.36.

     openssl x509 -in ../signer.pem -noout -subject -ext extendedKeyUsage

4. Every file is the one that the manifest lists. Nothing is printed when all
   are right.

     sed -n 's|.*DataObjectReference URI="\([^"]*\)".*
                         < ds : DigestValue >\([^ < ] *\) <.*
                     |\2 \1 |
                     p' \
       META-INF/ASiCManifest001.xml | while read -r digest name; do test
                     "$(openssl dgst -sha256 -binary " $name
                     " | base64)" = "$digest" || echo "DIFFERS: $name"; done

5. No file is there that the manifest does not list. The two numbers are equal.

     grep -c DataObjectReference META-INF/ASiCManifest001.xml
     find . -type f ! -path './META-INF/*' ! -name mimetype | wc -l

6. The archive manifest, which also lists the signature, was time-stamped by an
   authority that you trust (tsa.pem). A pack without META-INF/timestamp001.tst
   carries no time-stamp: when it was signed is then the signer's word alone.

     openssl ts -verify -in META-INF/timestamp001.tst -token_in \
       -data META-INF/ASiCArchiveManifest.xml -CAfile tsa.pem

7. The back-matter of oscal/assessment-results.json lists the evidence files
   with their SHA-256 as sha256sum prints them.

     sha256sum pack.json
)TXT";

}  // namespace

std::string PackReadme() { return kReadme; }

}  // namespace tom
