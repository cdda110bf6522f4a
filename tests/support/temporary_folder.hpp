#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "src/parallel/comm.hpp"

namespace tessera::testing {

/// A new folder that all ranks of `comm` share; root removes it, with all that is in it, when every rank is done
/// (collective at both ends).
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const Comm& comm) : comm_(comm) {
    const std::string prefix = (std::filesystem::temp_directory_path() / "tessera_test_").string();
    std::string name = prefix + std::string(6, 'X');  // six letters that mkdtemp replaces
    if (comm.is_root() && mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    comm.broadcast(name);
    path_ = name;
  }
  ~TemporaryFolder() {
    comm_.barrier();
    if (comm_.is_root()) std::filesystem::remove_all(path_);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path() const { return path_.string(); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  const Comm& comm_;
  std::filesystem::path path_;
};

}  // namespace tessera::testing
