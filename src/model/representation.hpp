#pragma once

namespace tessera {

/// How the object's variables make its transmission: exp(i phase - absorption), exp(i phase), or the transmission
/// itself as (re, im) pairs.
enum class Representation { phase_absorption, phase, complex_transmission };

}  // namespace tessera
