#pragma once

#include <exception>

namespace tessera {

/// Keeps the first exception of several steps while the steps go on: what a rank does between collective calls, which
/// it must not miss even when something of its own went wrong.
class FirstFailure {
 public:
  template <class Step>
  void run(const Step& step) {
    try {
      step();
    } catch (...) {
      add(std::current_exception());
    }
  }
  void add(const std::exception_ptr& failure) {
    if (!failure_) failure_ = failure;
  }
  bool any() const { return failure_ != nullptr; }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::exception_ptr failure_;
};

}  // namespace tessera
