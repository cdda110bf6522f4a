#pragma once

#include "src/model/forward_model.hpp"
#include "src/model/probe.hpp"
#include "src/workflow/input/load_patterns.hpp"

namespace tessera {

/// Hands the virtual detectors to the model.
void use_channels(const Experiment& experiment, const std::vector<Index>& mine, const LoadedPatterns& loaded,
                  ModelSetup& model);

/// The probe to start from (collective), as initial_probe. Channels of a file do not tell the electrons of a pattern;
/// these are then those with which the first probe's pattern without a specimen, a twentieth of it spread evenly over
/// the detector, fits the mean channels best, and become `loaded.mean_electrons`.
ComplexImage starting_probe(const Comm& comm, const RunOptions& options, const Experiment& experiment,
                            const std::vector<Index>& mine, const ModelSetup& model, LoadedPatterns& loaded);

/// For loss.kind weighted (collective): the inverse of the mean pattern's variance as the weight of each pixel;
/// channels and detectors are whitened instead, so that all weights are 1, each set by itself. The mean pattern I is
/// that of the data, a thousandth of it spread evenly. Where only channels are known, it is the pattern of
/// `starting_probe`, changed as little as makes it agree with the mean channels c of each set (I + I V^T W (c - V I),
/// at least a tenth of I). Cost: O(sets x (channels x entries + channels^3)) on every rank, once.
void weigh_data(const Comm& comm, const RunOptions& options, const std::vector<Index>& set_of,
                const ComplexImage& probe, ModelSetup& model, LoadedPatterns& loaded);

}  // namespace tessera
