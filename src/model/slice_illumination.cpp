#include "src/model/slice_illumination.hpp"

#include "kernels/fft.hpp"
#include "src/arrays/array.hpp"

namespace tessera {

std::vector<double> slice_illumination(const ComplexImage& probe, const Grid& window, const Propagation& propagation,
                                       const std::vector<double>& gaps_A) {
  const Index count = window.count(), modes = static_cast<Index>(probe.size()) / count;
  const FftPlan<double> fft(DeviceKind::host, window.ny, window.nx, 1, FftEffort::once);
  std::vector<double> illumination((gaps_A.size() + 1) * static_cast<std::size_t>(count), 0.0);
  for (Index m = 0; m < modes; ++m) {
    Array<Complex<double>> wave(DeviceKind::host, count);
    for (Index i = 0; i < count; ++i) wave.data()[i] = {probe[m * count + i].real(), probe[m * count + i].imag()};
    for (std::size_t s = 0; s <= gaps_A.size(); ++s) {
      const auto h = propagator(window, propagation, s == 0 ? 0 : gaps_A[s - 1]);  // over no gap: the band limit
      fft.forward(wave.data(), 1);
      for (Index i = 0; i < count; ++i)
        wave.data()[i] =
            Complex<double>{h[i].real() / static_cast<double>(count), h[i].imag() / static_cast<double>(count)} *
            wave.data()[i];
      fft.inverse(wave.data(), 1);
      for (Index i = 0; i < count; ++i) illumination[s * count + i] += norm(wave.data()[i]);
    }
  }
  return illumination;
}

}  // namespace tessera
