#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "src/workflow/start/progress.hpp"

namespace tessera {

/// What each step found and did: a line for the user, a line of JSON, a picture. Collective calls, root writes.
class StepLog {
 public:
  using Figures = nlohmann::ordered_json;
  using Draw = std::function<void(const std::string& path)>;

  /// `folder` empty: nothing is written. Else it is made, and filled, by `commit`. Lines name the `file` that is made.
  StepLog(const Comm& comm, Progress& progress, std::string folder, std::string file, bool pictures);

  /// `draw`, which may be empty, is called at the end: it owns what it draws.
  void step(const std::string& name, const std::string& words, const Figures& figures, const Draw& draw = {});
  void warn(const std::string& words) { progress_.warn(words); }
  /// Draws the pictures and writes preprocess.json, one object a line (collective).
  void commit() const;

 private:
  const Comm& comm_;
  Progress& progress_;
  std::string folder_, file_;
  bool pictures_;
  int steps_ = 0;
  std::string lines_;
  std::vector<std::pair<std::string, Draw>> drawings_;
};

}  // namespace tessera
