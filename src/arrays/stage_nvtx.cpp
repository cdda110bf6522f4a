#include <nvtx3/nvToolsExt.h>

#include "src/arrays/stage.hpp"

namespace tessera {

Stage::Stage(const char* name) { nvtxRangePushA(name); }

Stage::~Stage() { nvtxRangePop(); }

}  // namespace tessera
