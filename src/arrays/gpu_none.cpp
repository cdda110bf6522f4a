// A program that is built without TESSERA_CUDA.
#include "src/arrays/gpu.hpp"
#include "src/base/error.hpp"

namespace tessera::gpu {

namespace {

[[noreturn]] void refuse() { throw SystemError(ExitCode::internal, "work for a GPU: " + why_none()); }

}  // namespace

bool built_in() { return false; }
int count() { return 0; }
std::string why_none() { return "this program was built without TESSERA_CUDA"; }
Card card(int) { refuse(); }
void use(int) { refuse(); }
int in_use() { refuse(); }
Memory memory() { refuse(); }
std::shared_ptr<void> allocate(std::size_t) { refuse(); }
std::shared_ptr<void> allocate_pinned(std::size_t) { refuse(); }
void copy(void*, const void*, std::size_t) { refuse(); }
void copy_on(void*, void*, const void*, std::size_t) { refuse(); }
void zero(void*, std::size_t) { refuse(); }
std::shared_ptr<void> make_stream() { refuse(); }
void wait(void*) { refuse(); }
void check_launch() { refuse(); }
Event::Event() { refuse(); }
void Event::record(void*) { refuse(); }
void Event::let_wait(void*) const { refuse(); }
Interval::Interval() { refuse(); }
void Interval::begin(void*) { refuse(); }
void Interval::end(void*) noexcept {}
double Interval::seconds() const { refuse(); }
long long waits() { return 0; }

}  // namespace tessera::gpu
