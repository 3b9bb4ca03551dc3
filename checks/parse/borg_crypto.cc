// Keys and objects of borg_format.h.
#include "checks/parse/borg_crypto.h"

#include <lz4.h>
#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <sodium/crypto_generichash_blake2b.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "checks/parse/borg_format.h"
#include "checks/parse/inflate.h"
#include "checks/parse/msgpack.h"
#include "evidence/openssl_ptr.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr int64_t kMaxIterations = 5000000;
constexpr size_t kMacBytes = 32;
constexpr size_t kNonceBytes = 8;
constexpr int kMaxWrappers = 2;

const unsigned char* Octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool Same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// AES-256-CTR; encrypting is decrypting.
std::string AesCtr(std::string_view key, std::string_view iv, std::string_view data) {
  using CipherPtr = std::unique_ptr<EVP_CIPHER_CTX, OpensslFree<EVP_CIPHER_CTX_free>>;
  const CipherPtr context(EVP_CIPHER_CTX_new());
  std::string plain(data.size(), '\0');
  int done = 0;
  const bool ok =
      context != nullptr && key.size() == 32 && iv.size() == 16 && data.size() < (1U << 30) &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_ctr(), nullptr, Octets(key), Octets(iv)) == 1 &&
      EVP_EncryptUpdate(context.get(), reinterpret_cast<unsigned char*>(plain.data()), &done,
                        Octets(data), static_cast<int>(data.size())) == 1;
  return ok ? plain : std::string();
}

// Without a key of its own: borg puts its keys in front of the data.
std::string Blake2b256(std::string_view key, std::string_view data) {
  crypto_generichash_blake2b_state state;
  std::string hash(32, '\0');
  crypto_generichash_blake2b_init(&state, nullptr, 0, hash.size());
  crypto_generichash_blake2b_update(&state, Octets(key), key.size());
  crypto_generichash_blake2b_update(&state, Octets(data), data.size());
  crypto_generichash_blake2b_final(&state, reinterpret_cast<unsigned char*>(hash.data()),
                                   hash.size());
  return hash;
}

std::string KeyedHash(bool blake2, std::string_view key, std::string_view data) {
  return blake2 ? Blake2b256(key, data) : std::string(HmacSha256(key, data).Raw());
}

bool IsZlib(std::string_view data) {
  const auto first = static_cast<uint8_t>(data[0]);
  return (first & 0x0f) == 8 && (first * 256 + static_cast<uint8_t>(data[1])) % 31 == 0;
}

absl::StatusOr<std::string> Unzlib(std::string_view data) {
  for (size_t room = std::max<size_t>(data.size() * 4, 4096);; room *= 4) {
    room = std::min(room, kMaxBorgPlain);
    std::string plain(room, '\0');
    uLongf size = room;
    const int code = uncompress(reinterpret_cast<Bytef*>(plain.data()), &size, Octets(data),
                                static_cast<uLong>(data.size()));
    plain.resize(code == Z_OK ? size : 0);
    if (code == Z_OK) return plain;
    if (code != Z_BUF_ERROR || room == kMaxBorgPlain) return absl::DataLossError("wrong zlib data");
  }
}

absl::StatusOr<std::string> Unlz4(std::string_view data) {
  for (size_t room = std::max<size_t>(data.size() * 4, 4096);; room *= 4) {
    room = std::min(room, kMaxBorgPlain);
    std::string plain(room, '\0');
    const int size = LZ4_decompress_safe(data.data(), plain.data(), static_cast<int>(data.size()),
                                         static_cast<int>(room));
    if (size >= 0) {
      plain.resize(static_cast<size_t>(size));
      return plain;
    }
    if (room == kMaxBorgPlain) return absl::DataLossError("wrong lz4 data");
  }
}

absl::StatusOr<std::string> Inflated(Compression how, std::string_view data) {
  const auto inflater = Inflater::Create(how);
  std::string plain;
  const absl::Status status = inflater->Feed(data, [&](std::string_view piece) {
    plain.append(piece);
    return plain.size() <= kMaxBorgPlain;
  });
  if (!status.ok() || !inflater->Ended()) return absl::DataLossError("wrong compressed data");
  return plain;
}

}  // namespace

absl::StatusOr<std::string> DecompressBorg(std::string_view data) {
  for (int wrappers = 0; wrappers < kMaxWrappers; ++wrappers) {
    if (data.size() < 2) return absl::DataLossError("no compression is named");
    const std::string_view body = data.substr(2);
    if (IsZlib(data)) return Unzlib(data);
    if (data[1] != '\0') return absl::DataLossError("an unknown compression");
    switch (data[0]) {
      case 0:
        return std::string(body);
      case 1:
        return Unlz4(body);
      case 2:
        return Inflated(Compression::kXz, body);
      case 3:
        return Inflated(Compression::kZstd, body);
      case 4:  // padded against guessing by size: the true one stands in front
        break;
      default:
        return absl::DataLossError("an unknown compression");
    }
    if (body.size() < 4) return absl::DataLossError("no compression is named");
    size_t size = 0;
    for (size_t i = 0; i < 4; ++i) size = size << 8 | static_cast<uint8_t>(body[i]);
    if (size > body.size() - 4) return absl::DataLossError("an object that breaks off");
    data = body.substr(4, size);
  }
  return absl::DataLossError("compressed too often");
}

absl::StatusOr<BorgKey> UnlockBorgKey(std::string_view base64, std::string_view passphrase) {
  TOM_ASSIGN_OR_RETURN(const std::string packed, Base64Decode(base64));
  TOM_ASSIGN_OR_RETURN(const MsgpackNode node, ParseMsgpack(packed));
  const MsgpackNode* version = node.Find("version");
  const MsgpackNode* iterations = node.Find("iterations");
  if (version == nullptr || version->integer != 1 || node.Bytes("algorithm") != "sha256" ||
      iterations == nullptr || iterations->integer < 1 || iterations->integer > kMaxIterations) {
    return BadData("a key of another form than borg 1.x has");
  }
  const std::string_view salt = node.Bytes("salt");
  std::string derived(32, '\0');
  if (PKCS5_PBKDF2_HMAC(passphrase.data(), static_cast<int>(passphrase.size()), Octets(salt),
                        static_cast<int>(salt.size()), static_cast<int>(iterations->integer),
                        EVP_sha256(), static_cast<int>(derived.size()),
                        reinterpret_cast<unsigned char*>(derived.data())) != 1) {
    return absl::InternalError("PBKDF2 failed");
  }
  const std::string plain = AesCtr(derived, std::string(16, '\0'), node.Bytes("data"));
  if (!Same(HmacSha256(derived, plain).Raw(), node.Bytes("hash"))) {
    return absl::PermissionDeniedError("the passphrase is wrong");
  }
  TOM_ASSIGN_OR_RETURN(const MsgpackNode inner, ParseMsgpack(plain));
  BorgKey key{std::string(inner.Bytes("enc_key")), std::string(inner.Bytes("enc_hmac_key")),
              std::string(inner.Bytes("id_key"))};
  if (key.enc_key.size() != 32 || key.mac_key.size() < 32 || key.id_key.size() < 32) {
    return BadData("a key of another form than borg 1.x has");
  }
  return key;
}

absl::StatusOr<std::string> OpenBorgObject(std::string_view object, const BorgKey* key,
                                           const Digest* id) {
  const BorgEncryption encryption = EncryptionOfBorgObject(object);
  const bool blake2 = BorgTypeUsesBlake2(object);
  if (encryption == BorgEncryption::kUnknown ||
      (encryption == BorgEncryption::kNone) != (key == nullptr)) {
    return absl::DataLossError("an object of another kind than its repository");
  }
  std::string packed;
  if (encryption == BorgEncryption::kAes) {
    if (object.size() < 1 + kMacBytes + kNonceBytes)
      return absl::DataLossError("an object that breaks off");
    const std::string_view guarded = object.substr(1 + kMacBytes);
    if (!Same(KeyedHash(blake2, key->mac_key, guarded), object.substr(1, kMacBytes))) {
      return absl::DataLossError("an object that is not authentic");
    }
    std::string iv(8, '\0');
    iv.append(guarded.substr(0, kNonceBytes));
    packed = AesCtr(key->enc_key, iv, guarded.substr(kNonceBytes));
  } else {
    packed = std::string(object.substr(1));
  }
  TOM_ASSIGN_OR_RETURN(std::string plain, DecompressBorg(packed));
  if (id == nullptr) return plain;
  const std::string hash =
      key == nullptr ? std::string(Sha256(plain).Raw()) : KeyedHash(blake2, key->id_key, plain);
  if (!Same(hash, id->Raw()))
    return absl::DataLossError("an object that is not the one it is named as");
  return plain;
}

bool BorgManifestIsAuthentic(std::string plain, const BorgKey& key, std::string_view salt,
                             std::string_view hmac) {
  const size_t at = plain.find(hmac);
  if (hmac.size() != 64 || at == std::string::npos) return false;
  plain.replace(at, hmac.size(), hmac.size(), '\0');
  std::string secret = key.id_key;
  secret.append(key.enc_key).append(key.mac_key);
  std::string info = "borg-metadata-authentication-manifest";
  std::string given_salt(salt);
  using KdfPtr = std::unique_ptr<EVP_KDF, OpensslFree<EVP_KDF_free>>;
  using KdfContextPtr = std::unique_ptr<EVP_KDF_CTX, OpensslFree<EVP_KDF_CTX_free>>;
  const KdfPtr kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const KdfContextPtr context(kdf == nullptr ? nullptr : EVP_KDF_CTX_new(kdf.get()));
  if (context == nullptr) return false;
  std::string digest = "SHA512";
  const std::array<OSSL_PARAM, 5> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret.data(), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, given_salt.data(), given_salt.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
      OSSL_PARAM_construct_end()};
  std::array<unsigned char, 64> derived{};
  if (EVP_KDF_derive(context.get(), derived.data(), derived.size(), parameters.data()) != 1) {
    return false;
  }
  std::array<unsigned char, 64> computed{};
  unsigned int size = 0;
  if (HMAC(EVP_sha512(), derived.data(), static_cast<int>(derived.size()), Octets(plain),
           plain.size(), computed.data(), &size) == nullptr) {
    return false;
  }
  return Same({reinterpret_cast<const char*>(computed.data()), size}, hmac);
}

}  // namespace tom
