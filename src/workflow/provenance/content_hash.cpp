#include "src/workflow/provenance/content_hash.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "src/base/error.hpp"
#include "src/workflow/start/interrupt.hpp"

namespace tessera {

namespace {

constexpr std::size_t digest_bytes = 32, words_of_digest = digest_bytes / 4;
constexpr Index block_bytes = Index{64} << 20, head_bytes = Index{1} << 20, piece_bytes = Index{1} << 20;
constexpr const char* tree_name = "sha256-tree-64MiB";
constexpr const char* head_name = "sha256-head-1MiB";
constexpr const char* of_each = "-of-each";

using Digest = std::array<unsigned char, digest_bytes>;

void require(int code) {
  if (code != 1) throw SystemError(ExitCode::unclassified, "libcrypto: a hash cannot be computed");
}

/// SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  Sha256() { require(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr)); }
  void add(std::string_view bytes) { require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size())); }
  Digest end() {
    Digest digest{};
    require(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr));
    return digest;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

std::string hexadecimal(std::span<const unsigned char> bytes) {
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

/// Of bytes first .. first + count - 1 of a file, or as many as there are.
Digest digest_of_part(std::ifstream& file, Index first, Index count) {
  Sha256 hash;
  std::string piece(piece_bytes, '\0');
  file.clear();
  file.seekg(first);
  while (count > 0 && file) {
    file.read(piece.data(), std::min(count, piece_bytes));
    hash.add({piece.data(), static_cast<std::size_t>(file.gcount())});
    count -= file.gcount();
  }
  return hash.end();
}

Index size_of(const std::string& file) {
  std::error_code unreadable;
  const auto size = std::filesystem::file_size(file, unreadable);
  return unreadable ? -1 : static_cast<Index>(size);
}

/// The digests of the blocks of a file of which this one hashes every so many, as numbers that can be summed: those of
/// the others are zero. A signal ends it early.
std::vector<double> block_digests(const std::string& name, Index size, Index first, Index step) {
  const Index blocks = std::max<Index>(1, (size + block_bytes - 1) / block_bytes);
  std::vector<double> words(static_cast<std::size_t>(blocks) * words_of_digest, 0.0);
  std::ifstream file(name, std::ios::binary);
  for (Index block = first; block < blocks && pending_signal() == 0; block += step) {
    const Digest digest = digest_of_part(file, block * block_bytes, block_bytes);
    for (std::size_t i = 0; i < digest_bytes; ++i)
      words[static_cast<std::size_t>(block) * words_of_digest + i / 4] +=
          std::ldexp(digest[i], 8 * (3 - static_cast<int>(i % 4)));
  }
  return words;
}

/// The digests of every so many of the files, as numbers that can be summed. `all`: none was left out.
std::vector<double> file_digests(const std::vector<std::string>& files, const std::string& name, Index first,
                                 Index step, bool& all) {
  std::vector<double> words(files.size() * words_of_digest, 0.0);
  for (Index at = first; at < std::ssize(files) && all; at += step) {
    const std::string hash = content_hash(files[static_cast<std::size_t>(at)], name);
    all = !hash.empty() && pending_signal() == 0;
    constexpr std::size_t digits = 8;  // of a word of 32 bits
    for (std::size_t i = 0; all && i < words_of_digest; ++i)
      words[static_cast<std::size_t>(at) * words_of_digest + i] =
          static_cast<double>(std::stoul(hash.substr(digits * i, digits), nullptr, 16));
  }
  return words;
}

std::string tree_hash(const std::vector<double>& words) {
  Sha256 hash;
  for (const double word : words) {
    const auto bits = static_cast<std::uint32_t>(word);
    for (int shift = 24; shift >= 0; shift -= 8) {
      const char byte = static_cast<char>(bits >> shift & 0xFF);
      hash.add({&byte, 1});
    }
  }
  return hexadecimal(hash.end());
}

/// Sets version and variant of 16 bytes.
std::string as_uuid(std::span<unsigned char> bytes, unsigned version) {
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | version << 4);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);
  const std::string hex = hexadecimal(bytes.first(16));
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
         hex.substr(20);
}

}  // namespace

std::string hash_name(HashChoice choice) {
  return choice == HashChoice::full ? tree_name : choice == HashChoice::head ? head_name : "";
}

std::string content_hash(const Comm& comm, const std::string& file, HashChoice choice) {
  if (choice == HashChoice::none) return "";
  Index size = comm.is_root() ? size_of(file) : 0;
  comm.broadcast(size);
  if (choice == HashChoice::head || size < 0) {
    std::string hash;
    comm.agree([&] {
      if (comm.is_root()) hash = content_hash(file, hash_name(choice));
    });
    comm.broadcast(hash);
    return hash;
  }
  std::vector<double> words;
  comm.agree([&] { words = block_digests(file, size, comm.rank(), comm.size()); });
  comm.sum(words);
  return comm.any(pending_signal() != 0) ? "" : tree_hash(words);
}

std::string content_hash(const std::string& file, const std::string& name) {
  const Index size = size_of(file);
  if (size < 0) return "";
  std::ifstream bytes(file, std::ios::binary);
  if (!bytes) return "";
  if (name == head_name) return hexadecimal(digest_of_part(bytes, 0, head_bytes));
  return name == tree_name ? tree_hash(block_digests(file, size, 0, 1)) : "";
}

std::string set_hash_name(HashChoice choice) { return choice == HashChoice::none ? "" : hash_name(choice) + of_each; }

bool is_set_hash(const std::string& name) { return name.ends_with(of_each); }

std::string content_hash(const Comm& comm, const std::vector<std::string>& files, HashChoice choice) {
  if (choice == HashChoice::none) return "";
  std::vector<double> words;
  bool all = true;
  comm.agree([&] { words = file_digests(files, hash_name(choice), comm.rank(), comm.size(), all); });
  comm.sum(words);
  return comm.any(!all) ? "" : tree_hash(words);
}

std::string content_hash(const std::vector<std::string>& files, const std::string& name) {
  bool all = true;
  const std::string of_one = name.substr(0, name.size() - std::string(of_each).size());
  const std::vector<double> words = file_digests(files, of_one, 0, 1, all);
  return all ? tree_hash(words) : "";
}

std::string sha256(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes);
  return hexadecimal(hash.end());
}

std::string random_uuid() {
  std::random_device source;
  std::array<unsigned char, 16> bytes{};
  for (unsigned char& byte : bytes) byte = static_cast<unsigned char>(source());
  constexpr unsigned random_version = 4;
  return as_uuid(bytes, random_version);
}

std::string uuid_of(std::string_view name) {
  // uuid5(NAMESPACE_DNS, "tessera").
  constexpr std::array<unsigned char, 16> name_space{0xb4, 0x91, 0x2a, 0x86, 0x37, 0x55, 0x55, 0xaa,
                                                     0x82, 0xaa, 0x25, 0x3e, 0x5b, 0x86, 0xfb, 0x5b};
  std::string bytes(name_space.begin(), name_space.end());
  bytes += name;
  std::array<unsigned char, 20> digest{};
  require(EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha1(), nullptr));
  constexpr unsigned name_version = 5;
  return as_uuid(digest, name_version);
}

}  // namespace tessera
