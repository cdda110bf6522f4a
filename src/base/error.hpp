#pragma once

#include <fmt/format.h>

#include <new>
#include <stdexcept>
#include <string>

namespace tessera {

/// Exit codes of the program (BSD sysexits where one fits).
enum class ExitCode : int {
  done = 0,
  unclassified = 1,
  usage = 2,
  data_wrong = 65,     ///< input data are wrong
  data_missing = 66,   ///< an input file or dataset is missing
  internal = 70,       ///< our bug
  cannot_create = 73,  ///< an output cannot be created
  cannot_write = 74,   ///< an output cannot be written completely
  run_file = 78,       ///< the run file is invalid
  diverged = 80,       ///< the solver left the domain of finite numbers
};

/// An error with the exit code the program ends with. `agreed` says that every rank throws the same one, so that all
/// may end in an orderly way; an error of one rank alone ends the others through MPI_Abort.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message, bool agreed = false)
      : std::runtime_error(message), code_(code), agreed_(agreed) {}
  ExitCode code() const { return code_; }
  bool agreed() const { return agreed_; }

 private:
  ExitCode code_;
  bool agreed_;
};

/// What the user gave is wrong: the message names the option or dataset, its value and unit, and what is allowed.
class InputError : public Error {
 public:
  using Error::Error;
};

/// A library or the operating system refused: the message names library, call and the library's own words.
class SystemError : public Error {
 public:
  using Error::Error;
};

/// What a user is told, with ExitCode::unclassified, of a std::bad_alloc anywhere.
inline constexpr const char* out_of_memory =
    "out of memory; use more nodes, or less of object.slices, beam.modes, solve.history or run.threads, or "
    "run.precision: single";

/// The same of a GPU's memory.
inline constexpr const char* out_of_gpu_memory =
    "the GPU is out of memory; use more GPUs, or less of run.batch, run.threads, object.slices or beam.modes, or "
    "run.device: host";

/// A std::bad_alloc that knows what was asked for.
class AllocationError : public std::bad_alloc {
 public:
  explicit AllocationError(std::size_t bytes, const char* what_to_do = out_of_memory)
      : text_(fmt::format("{}; there was no room for {} bytes more", what_to_do, bytes)) {}
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

/// What a user is told of it.
std::string text_of(const std::bad_alloc& error);

namespace detail {

[[noreturn]] void assertion_failed(const char* file, int line, const char* condition, const std::string& values);

template <class... Values>
std::string join_values(const Values&... values) {
  std::string text;
  ((text += fmt::format(" {}", values)), ...);
  return text;
}

}  // namespace detail
}  // namespace tessera

/// Stops with location, expression and values when our own reasoning is broken; kept in release builds.
#define TESSERA_ASSERT(condition, ...)                                               \
  ((condition) ? static_cast<void>(0)                                                \
               : ::tessera::detail::assertion_failed(__FILE__, __LINE__, #condition, \
                                                     ::tessera::detail::join_values(__VA_ARGS__)))
