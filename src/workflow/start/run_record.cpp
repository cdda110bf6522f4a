#include "src/workflow/start/run_record.hpp"

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "io/text_file.hpp"
#include "src/base/clock.hpp"
#include "src/workflow/start/interrupt.hpp"

namespace tessera {

namespace {

bool still_runs(const std::string& state) { return state == "running" || state == "stopping"; }

nlohmann::ordered_json as_json(const std::optional<IterationLine>& progress) {
  if (!progress) return nullptr;
  nlohmann::ordered_json json{{"iteration", progress->iteration}, {"iterations", progress->iterations},
                              {"loss", progress->loss},           {"gradient_norm", progress->gradient_norm},
                              {"gradients", progress->gradients}, {"seconds", progress->seconds},
                              {"seconds_left", nullptr}};
  if (progress->seconds_left) json["seconds_left"] = *progress->seconds_left;
  if (progress->loss_per_pixel) {
    json["fitted_loss_per_pixel"] = progress->loss_per_pixel->fitted;
    json["held_out_loss_per_pixel"] = progress->loss_per_pixel->held_out;
  }
  return json;
}

}  // namespace

std::optional<std::string> RunRecord::own(const std::string& lock_path, const std::string& what) {
  what_ = what;
  std::string warning;
  comm_.agree([&] {
    if (!comm_.is_root()) return;
    lock_ = std::make_unique<LockFile>(lock_path, what);
    if (lock_->taken_from())
      warning = fmt::format("{} was being written by a run that is dead ({}); this run goes on in its place", what,
                            *lock_->taken_from());
    heart_ = std::make_unique<Heartbeat>(heartbeat_period_s_, [this] { beat(); });
  });
  comm_.broadcast(warning);
  return warning.empty() ? std::nullopt : std::optional(warning);
}

void RunRecord::require_owned() const {
  comm_.agree([&] {
    if (comm_.is_root() && !lock_->held())
      throw SystemError(ExitCode::cannot_create,
                        fmt::format("{} is no longer this run's: its lock was removed or taken over; nothing more is "
                                    "written there",
                                    what_));
  });
}

void RunRecord::keep_status(const std::string& directory) {
  root_ = this_process();
  std::string text = root_.host + "\n" + root_.since;
  comm_.broadcast(text);
  comm_.broadcast(root_.pid);
  root_.host = text.substr(0, text.find('\n'));
  root_.since = text.substr(text.find('\n') + 1);
  {
    const std::lock_guard guard(mutex_);
    directory_ = directory;
    state_ = "running";
  }
  comm_.agree([&] {
    if (comm_.is_root()) write_status();
  });
}

void RunRecord::name_run(const std::string& id) {
  const std::lock_guard guard(mutex_);
  run_id_ = id;
}

void RunRecord::progress(const IterationLine& now) {
  const std::lock_guard guard(mutex_);
  progress_ = now;
}

void RunRecord::at_end(std::function<void(const std::string&)> call) { at_end_ = std::move(call); }

void RunRecord::stopping(const std::string& reason) {
  {
    const std::lock_guard guard(mutex_);
    state_ = "stopping";
    end_.stop_reason = reason;
  }
  comm_.agree([&] {
    if (comm_.is_root()) write_status();
  });
}

void RunRecord::result_written() {
  const std::lock_guard guard(mutex_);
  result_written_ = true;
}

void RunRecord::end(const RunEnd& end) {
  const std::string state = says_stopped(end.exit_code) ? "stopped" : "finished";
  comm_.agree([&] {
    if (comm_.is_root()) call_at_end(state, end);
  });
  {
    const std::lock_guard guard(mutex_);
    state_ = state;
    end_ = end;
  }
  comm_.agree([&] {
    if (comm_.is_root()) write_status();
  });
}

void RunRecord::call_at_end(const std::string& state, const RunEnd& end) {
  const auto call = std::exchange(at_end_, nullptr);
  if (!call) return;
  std::string status;
  {
    const std::lock_guard guard(mutex_);
    status = status_text(state, end);
  }
  call(status);
}

void RunRecord::fail(const std::string& message, int exit_code, bool agreed) noexcept {
  try {
    if (directory_.empty() || (agreed && !comm_.is_root())) return;
    std::ofstream(directory_ + "/run.log", std::ios::app) << "ERROR: " << message << std::endl;
    {
      const std::lock_guard guard(mutex_);
      state_ = says_stopped(exit_code) ? "stopped" : "failed";
      end_ = {.complete = false, .stop_reason = message, .exit_code = exit_code};
    }
    write_status();
    if (!agreed) repeat_status();
    call_at_end(state_, end_);
  } catch (const std::exception&) {
    return;  // what cannot be written, the exit code and the line on stderr still tell
  }
}

void RunRecord::release() noexcept {
  heart_.reset();
  lock_.reset();
}

std::string RunRecord::status_text(const std::string& state, const RunEnd& end) const {
  nlohmann::ordered_json status{{"state", state},
                                {"complete", end.complete},
                                {"stop_reason", end.stop_reason},
                                {"exit_code", nullptr},
                                {"result_written", result_written_},
                                {"host", root_.host},
                                {"pid", root_.pid},
                                {"ranks", comm_.size()},
                                {"start_time", root_.since},
                                {"heartbeat", utc_now()},
                                {"run_id", run_id_},
                                {"progress", as_json(progress_)}};
  if (!still_runs(state)) status["exit_code"] = end.exit_code;
  // A message may quote bytes of a file that are no UTF-8.
  constexpr int indent = 1;
  const auto replace = nlohmann::ordered_json::error_handler_t::replace;
  return status.dump(indent, ' ', false, replace) + "\n";
}

void RunRecord::write_status() {
  const std::lock_guard guard(mutex_);
  if (directory_.empty()) return;
  const std::string path = directory_ + "/status.json", text = status_text(state_, end_);
  try {
    write_text_atomically(path, text);
  } catch (const SystemError&) {
    if (still_runs(state_)) throw;
    overwrite_text(path, text);  // the disk is full: the end of a run must not be lost
  }
}

/// A beat of root's heart that had begun before may go over what this rank alone knows, late on a busy machine: until
/// the end of the run, its or another rank's, has stood in two looks.
void RunRecord::repeat_status() {
  constexpr std::chrono::milliseconds between_looks(100);
  constexpr int enough = 2, most = 10;
  for (int stood = 0, tried = 0; stood < enough && tried < most; ++tried) {
    std::this_thread::sleep_for(between_looks);
    const std::string stored = stored_state();
    const bool stands = stored == state_ || stored == "failed";
    stood = stands ? stood + 1 : 0;
    if (!stands) write_status();
  }
}

std::string RunRecord::stored_state() {
  const std::lock_guard guard(mutex_);
  std::ifstream file(directory_ + "/status.json");
  const nlohmann::json status = nlohmann::json::parse(file, nullptr, false);
  return status.is_object() ? status.value("state", "") : "";
}

/// Whether a rank that failed alone has said how the run ended: it aborts the job, which takes a moment to reach this
/// one.
bool RunRecord::ended_by_another() { return stored_state() == "failed"; }

/// A beat that cannot be written is no reason to end a run.
void RunRecord::beat() noexcept {
  try {
    lock_->touch();
    if (!ended_by_another()) write_status();
  } catch (const std::exception&) {
    return;
  }
}

}  // namespace tessera
