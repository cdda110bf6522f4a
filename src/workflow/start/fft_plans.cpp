#include "src/workflow/start/fft_plans.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "io/text_file.hpp"
#include "kernels/fft.hpp"

namespace tessera {

namespace {

/// The processor's model name, so that a home folder shared by different machines keeps their plans apart.
std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line;
  return "unknown processor";
}

std::filesystem::path cache_file(const std::string& precision) {
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  const char* const home = std::getenv("HOME");
  // Relative ones count as not given, as the XDG Base Directory Specification has it: nothing is left where a run
  // starts.
  const auto absolute = [](const char* path) { return path != nullptr && std::filesystem::path(path).is_absolute(); };
  if (!absolute(cache) && !absolute(home)) return {};
  const std::filesystem::path folder =
      absolute(cache) ? std::filesystem::path(cache) : std::filesystem::path(home) / ".cache";
  return folder / "tessera" / fmt::format("fftw-{}-{:016x}", precision, std::hash<std::string>{}(processor_name()));
}

/// A cache is a convenience: without it the plans are only made again.
void keep(const std::filesystem::path& file, const std::string& wisdom) {
  std::error_code ignored;
  std::filesystem::create_directories(file.parent_path(), ignored);
  try {
    write_text_atomically(file.string(), wisdom);
  } catch (const Error&) {
    return;
  }
}

}  // namespace

template <class Real>
void share_fft_plans(const Comm& comm, Progress& progress, const std::function<void()>& make_plans, PlanCache cache) {
  std::string wisdom;
  if (comm.is_root()) {
    const std::filesystem::path file = cache_file(sizeof(Real) == sizeof(float) ? "single" : "double");
    std::ifstream cached(file);
    const std::string before{std::istreambuf_iterator<char>(cached), std::istreambuf_iterator<char>()};
    if (!before.empty()) use_fft_wisdom<Real>(before);
    make_plans();
    wisdom = fft_wisdom<Real>();
    if (cache == PlanCache::write && !file.empty() && wisdom != before) keep(file, wisdom);
  }
  comm.broadcast(wisdom);
  Index anew = 0;
  if (!comm.is_root()) {
    use_fft_wisdom<Real>(wisdom);
    const Index before = fft_plans_not_in_wisdom<Real>();
    make_plans();
    anew = fft_plans_not_in_wisdom<Real>() > before ? 1 : 0;
  }
  if (const Index ranks = comm.sum(anew); ranks > 0)
    progress.warn(
        fmt::format("FFTs: {} of {} ranks cannot use the plans of rank 0 and made their own; their last bits may "
                    "differ (use nodes of one kind)",
                    ranks, comm.size()));
}

template void share_fft_plans<float>(const Comm&, Progress&, const std::function<void()>&, PlanCache);
template void share_fft_plans<double>(const Comm&, Progress&, const std::function<void()>&, PlanCache);

}  // namespace tessera
