#include <cstdio>

#include "src/workflow/options/manual.hpp"

int main() { std::fputs(tessera::manual_text().c_str(), stdout); }
