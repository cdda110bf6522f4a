#include "src/workflow/preprocess/step_log.hpp"

#include <fmt/format.h>

#include "io/output_folder.hpp"
#include "io/text_file.hpp"

namespace tessera {

StepLog::StepLog(const Comm& comm, Progress& progress, std::string folder, std::string file, bool pictures)
    : comm_(comm), progress_(progress), folder_(std::move(folder)), file_(std::move(file)), pictures_(pictures) {}

void StepLog::step(const std::string& name, const std::string& words, const Figures& figures, const Draw& draw) {
  ++steps_;
  progress_.line(fmt::format("{}: {}", name, words));
  Figures line = {{"step", name}, {"file", file_}, {"words", words}};
  if (draw && pictures_) {
    const std::string picture = fmt::format("{:02}_{}.png", steps_, name);
    line["picture"] = picture;
    if (comm_.is_root()) drawings_.emplace_back(picture, draw);
  }
  if (!figures.empty()) line.update(figures);
  lines_ += line.dump() + '\n';
}

void StepLog::commit() const {
  comm_.agree([&] {
    if (!comm_.is_root() || folder_.empty()) return;
    make_folder(folder_, "preprocess.output");
    for (const auto& [picture, draw] : drawings_) draw(folder_ + "/" + picture);
    write_text_atomically(folder_ + "/preprocess.json", lines_);
  });
}

}  // namespace tessera
