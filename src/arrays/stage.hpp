#pragma once

namespace tessera {

/// A named part of the run for as long as it lives, within those that its thread began before: NVIDIA's tools show it
/// above what the GPU does meanwhile (NVTX). In a build without a back end for GPUs, or without NVTX's headers,
/// nothing.
class Stage {
 public:
  /// The name must outlive it.
  explicit Stage(const char* name);
  ~Stage();  // NOLINT(performance-trivially-destructible): empty only where there are no ranges
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
};

}  // namespace tessera
