#include "src/arrays/profile.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "src/base/clock.hpp"

namespace tessera {

KernelSums& KernelSums::operator+=(const KernelSums& other) {
  seconds += other.seconds;
  calls += other.calls;
  moved += other.moved;
  return *this;
}

Profile::Launch::Launch(Profile& profile, void* stream, std::string_view name, const Moved& moved)
    : profile_(&profile), stream_(stream) {
  auto found = profile_->table_.find(name);
  if (found == profile_->table_.end()) found = profile_->table_.emplace(name, KernelSums{}).first;
  sums_ = &found->second;
  ++sums_->calls;
  sums_->moved += moved;
  if (profile_->device_ == DeviceKind::cuda) {
    const std::size_t used = profile_->pending_.size();
    if (used == profile_->intervals_.size()) profile_->intervals_.emplace_back();
    interval_ = &profile_->intervals_[used];
    profile_->pending_.push_back({sums_, interval_});
    interval_->begin(stream_);
  } else {
    start_s_ = now_s();
  }
}

/// An event that is refused says so at `collect`, as no destructor may throw.
void Profile::Launch::end() {
  if (interval_ != nullptr)
    interval_->end(stream_);
  else
    sums_->seconds += now_s() - start_s_;
}

void Profile::collect() {
  for (const Pending& each : pending_) each.sums->seconds += each.interval->seconds();
  pending_.clear();
}

std::string kernel_name(const std::type_info& body) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(abi::__cxa_demangle(body.name(), nullptr, nullptr, &status),
                                                         &std::free);
  std::string name = status == 0 ? text.get() : body.name();
  name.resize(std::min(name.find('<'), name.size()));
  const std::size_t scope = name.rfind("::");
  return scope == std::string::npos ? name : name.substr(scope + 2);
}

}  // namespace tessera
