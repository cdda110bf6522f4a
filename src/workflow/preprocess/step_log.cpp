#include "src/workflow/preprocess/step_log.hpp"

#include <fmt/format.h>

#include "io/output_folder.hpp"
#include "io/text_file.hpp"

namespace tessera {

StepLog::StepLog(const Comm& comm, Progress& progress, std::string folder, bool pictures)
    : comm_(comm), progress_(progress), folder_(std::move(folder)), pictures_(pictures) {
  comm_.agree([&] {
    if (comm_.is_root() && !folder_.empty()) make_folder(folder_, "preprocess.output");
  });
}

void StepLog::step(const std::string& name, const std::string& words, Figures figures, const Draw& draw) {
  ++steps_;
  progress_.line(fmt::format("{}: {}", name, words));
  const bool drawn = draw && pictures_ && !folder_.empty();
  Figures line = {{"step", name}, {"words", words}};
  const std::string picture = fmt::format("{:02}_{}.png", steps_, name);
  if (drawn) line["picture"] = picture;
  if (!figures.empty()) line.update(figures);
  lines_ += line.dump() + '\n';
  comm_.agree([&] {
    if (comm_.is_root() && drawn) draw(folder_ + "/" + picture);
  });
}

void StepLog::commit() const {
  comm_.agree([&] {
    if (comm_.is_root() && !folder_.empty()) write_text_atomically(folder_ + "/preprocess.json", lines_);
  });
}

}  // namespace tessera
