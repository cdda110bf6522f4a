// ranks: 1 2 3
// Hashes of files, which ranks share, against those that sha256sum and Python have printed.
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "src/workflow/provenance/content_hash.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tessera::testing {

BOOST_AUTO_TEST_CASE(a_hash_is_the_same_on_any_number_of_ranks) {
  const Comm comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  const std::string file = folder.file("bytes");
  constexpr std::size_t length = (std::size_t{3} << 26) - 5;  // two blocks and a part of the third
  comm.agree([&] {
    if (!comm.is_root()) return;
    std::ofstream out(file, std::ios::binary);
    std::string part(1 << 20, '\0');
    for (std::size_t written = 0; written < length; written += part.size()) {
      part.assign(std::min(part.size(), length - written), static_cast<char>(written >> 20));
      out << part;
    }
  });
  // In Python: b = b"".join(bytes([i]) * 2**20 for i in range(192))[:-5]; sha256 of the three blocks' sha256.
  BOOST_TEST(content_hash(comm, file, HashChoice::full) ==
             "42db7c2112b3e5a9054f33fc68aa8546f8091b72729b119bb9dda066fb6c5165");
  BOOST_TEST(content_hash(comm, file, HashChoice::head) ==
             "30e14955ebf1352266dc2ff8067e68104607e750abb9d3b36582b8af909fcb58");
  BOOST_TEST(content_hash(comm, file, HashChoice::none) == "");
  BOOST_TEST(content_hash(file, hash_name(HashChoice::full)) == content_hash(comm, file, HashChoice::full));
  BOOST_TEST(content_hash(file, "md5") == "");
  BOOST_TEST(content_hash(folder.file("absent"), hash_name(HashChoice::full)) == "");
}

BOOST_AUTO_TEST_CASE(files_together_have_one_hash_in_their_order) {
  const Comm comm(MPI_COMM_WORLD);
  const TemporaryFolder folder(comm);
  std::vector<std::string> files;
  for (const char* name : {"a", "b", "c", "d"}) files.push_back(folder.file(name));
  comm.agree([&] {
    for (std::size_t i = 0; comm.is_root() && i < files.size(); ++i) std::ofstream(files[i]) << i;
  });
  const std::string name = set_hash_name(HashChoice::full);
  BOOST_TEST(name == "sha256-tree-64MiB-of-each");
  BOOST_TEST((is_set_hash(name) && !is_set_hash(hash_name(HashChoice::full))));
  // In Python: h = lambda b: sha256(b).digest(); h(b"".join(h(h(str(i).encode())) for i in range(4))).
  const std::string hash = content_hash(comm, files, HashChoice::full);
  BOOST_TEST(hash == "d2ce5f412d06d73c014082e4884a19096c5e25330bcefa00e6545f17586b6b48");
  BOOST_TEST(content_hash(files, name) == hash);
  BOOST_TEST(content_hash(comm, files, HashChoice::none) == "");
  std::swap(files[1], files[2]);
  BOOST_TEST(content_hash(comm, files, HashChoice::full) != hash);
  files.push_back(folder.file("absent"));
  BOOST_TEST(content_hash(comm, files, HashChoice::full) == "");
  BOOST_TEST(content_hash(files, name) == "");
}

BOOST_AUTO_TEST_CASE(known_hashes_and_ids) {
  BOOST_TEST(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-2
  BOOST_TEST(uuid_of("abc") ==
             "348e73a8-c38d-5437-af13-2486560ba22a");  // uuid5(uuid5(NAMESPACE_DNS, "tessera"), "abc")
  const std::string one = random_uuid(), other = random_uuid();
  BOOST_TEST(one != other);
  BOOST_TEST(one.size() == 36U);
  BOOST_TEST(one[14] == '4');
  BOOST_TEST(std::string("89ab").find(one[19]) != std::string::npos);
}

}  // namespace tessera::testing
