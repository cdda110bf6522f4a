#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "io/lock_file.hpp"
#include "src/base/process.hpp"
#include "src/parallel/comm.hpp"
#include "src/workflow/start/heartbeat.hpp"
#include "src/workflow/start/progress.hpp"

namespace tessera {

/// How a run that has ended is recorded.
struct RunEnd {
  bool complete = false;  ///< the solve came to an end of its own
  std::string stop_reason;
  int exit_code = 0;
};

/// What a run tells on the disk of itself: that the output is its own (a lock beside it), and in the folder of a
/// reconstruction how it stands (status.json) and why it failed (run.log). Both say every ten seconds that the run is
/// alive. `guarded_main` makes it, and records what ends a run by an exception.
class RunRecord {
 public:
  explicit RunRecord(const Comm& comm, double heartbeat_period_s = 10)
      : comm_(comm), heartbeat_period_s_(heartbeat_period_s) {}
  ~RunRecord() = default;
  RunRecord(const RunRecord&) = delete;
  RunRecord& operator=(const RunRecord&) = delete;

  /// Becomes the only run that writes `what`, which `lock_path` guards, or throws who does (collective). Returns a
  /// warning where it was taken from a dead run.
  std::optional<std::string> own(const std::string& lock_path, const std::string& what);
  /// Throws unless the output still is this run's (collective): asked before anything gets its final name.
  void require_owned() const;

  /// From now on `directory`/status.json says how the run stands, beginning with "running" (collective).
  void keep_status(const std::string& directory);
  /// The run's id, from where it is known on.
  void name_run(const std::string& id);
  /// How far the solve is. The heart tells it with its next beat: a run never waits for that.
  void progress(const IterationLine& now);
  /// Called once, on the rank that writes the status, when the run has ended and before that is written: with what will
  /// be in status.json. What it throws becomes an error of the run, unless an error has ended that already.
  void at_end(std::function<void(const std::string& status)> call);
  /// The run was told to end, and writes what it has (collective): should it be killed meanwhile, this is told.
  void stopping(const std::string& reason);
  /// The result in the folder is this run's.
  void result_written();
  /// The run has ended in order (collective).
  void end(const RunEnd& end);

  /// An error has ended the run: on all ranks alike (`agreed`), of which root writes, or on this one alone. Never
  /// throws.
  void fail(const std::string& message, int exit_code, bool agreed) noexcept;
  /// Gives the output free; the destructor does, too.
  void release() noexcept;

 private:
  /// What status.json says of a run in this state; the mutex is held.
  std::string status_text(const std::string& state, const RunEnd& end) const;
  void write_status();
  void call_at_end(const std::string& state, const RunEnd& end);
  void repeat_status();
  std::string stored_state();
  void beat() noexcept;

  bool ended_by_another();

  const Comm& comm_;
  double heartbeat_period_s_;
  std::string what_;
  std::string directory_;  ///< empty: no status is kept
  ProcessIdentity root_;   ///< rank 0's process
  std::string state_;
  RunEnd end_;
  std::string run_id_;
  std::optional<IterationLine> progress_;
  std::function<void(const std::string&)> at_end_;
  bool result_written_ = false;
  std::mutex mutex_;  ///< of what the heart tells
  std::unique_ptr<LockFile> lock_;
  std::unique_ptr<Heartbeat> heart_;  ///< ends before what it tells of
};

}  // namespace tessera
