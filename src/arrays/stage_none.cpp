#include "src/arrays/stage.hpp"

namespace tessera {

Stage::Stage(const char*) {}

Stage::~Stage() = default;

}  // namespace tessera
