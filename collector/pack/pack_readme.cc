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

0. Into an empty folder put the pack as PACK.asice, and two files that you got
   from the processor by another way: ca.pem, the CA that certifies its signer,
   and tsa.pem, the time-stamp authority's. Every command below is for bash in
   that folder; each ends with exit code 0 when all is right.

1. Unpack.

     mkdir pack && cd pack && unzip -q ../PACK.asice

2. The manifest is signed, and its signer is certified by that CA.

     openssl cms -verify -binary -cades -inform DER \
       -in META-INF/signature001.p7s -content META-INF/ASiCManifest001.xml \
       -CAfile ../ca.pem -purpose any -signer ../signer.pem -out /dev/null

3. The certificate is one for signing documents and nothing else: its only
   extended key usage is 1.3.6.1.5.5.7.3.36. This shows whose it is.

     openssl x509 -in ../signer.pem -noout -subject -ext extendedKeyUsage

4. Every file is the one that the manifest lists. Nothing is printed when all
   are right; a file that differs is named.

     check() {
       sed -n 's|.*URI="\([^"]*\)".*<ds:DigestValue>\([^<]*\)<.*|\2 \1|p' "$1" |
       while read -r digest name; do
         hex=$(echo "$digest" | base64 -d | od -An -v -tx1 | tr -d ' \n')
         echo "$hex  $name"
       done | sha256sum --check --quiet
     }
     check META-INF/ASiCManifest001.xml

5. No file is there that the manifest does not list. The two numbers are equal.

     grep -c DataObjectReference META-INF/ASiCManifest001.xml
     find . ! -type d ! -path './META-INF/*' ! -name mimetype | wc -l

6. The archive manifest lists every file again, and the signature with them. It
   was time-stamped by an authority that you trust. A pack that has no
   META-INF/timestamp001.tst carries no time-stamp: when it was signed is then
   the signer's word alone.

     check META-INF/ASiCArchiveManifest.xml
     grep -q 'URI="META-INF/signature001.p7s"' META-INF/ASiCArchiveManifest.xml
     openssl ts -verify -in META-INF/timestamp001.tst -token_in \
       -data META-INF/ASiCArchiveManifest.xml -CAfile ../tsa.pem

7. The back-matter of oscal/assessment-results.json lists the evidence files
   with their SHA-256 as sha256sum prints them.

     sha256sum pack.json

That proves who signed these bytes, and when. Whether the figures follow from
the evidence is what tom-verify recomputes.
)TXT";

}  // namespace

std::string PackReadme() { return kReadme; }

}  // namespace tom
