#include "src/optimisation/petsc_options.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "src/base/words.hpp"
#include "src/optimisation/petsc_handle.hpp"

namespace tessera {
namespace {

/// Read by TaoSolve rather than before it.
constexpr std::array<std::string_view, 6> read_while_solving = {"tao_view",          "tao_converged_reason",
                                                                "tao_test_gradient", "tao_test_gradient_view",
                                                                "tao_fd_delta",      "tao_view_solution"};

[[noreturn]] void refuse(const std::string& name, const std::string& value, const std::string& why) {
  throw InputError(ExitCode::run_file, fmt::format("petsc.{} is {}; {}", shown(name), shown(value), why), true);
}

bool is_option_name(const std::string& name) {
  const auto fits = [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return !name.empty() && std::ranges::all_of(name, fits);
}

/// What PETSc said of its last error, in its own words.
std::string first_line_on(PetscErrorCode code) {
  const PetscWords words = words_of(code);
  const std::string said = !words.of_last.empty()   ? words.of_last
                           : !words.of_code.empty() ? words.of_code
                                                    : "no message";
  return shown(said.substr(0, said.find('\n')));
}

/// TaoSetFromOptions of an optimiser of one variable a rank.
PetscErrorCode read_options(const Comm& comm, const std::string& method) {
  const auto nothing = [](Tao, Vec, PetscReal*, Vec, void*) { return petsc_success; };
  PetscTao tao;
  PetscVector x;
  check_petsc(VecCreateMPI(comm.handle(), 1, PETSC_DETERMINE, x.address()), "VecCreateMPI");
  check_petsc(TaoCreate(comm.handle(), tao.address()), "TaoCreate");
  check_petsc(TaoSetType(tao, method.c_str()), "TaoSetType");
  check_petsc(TaoSetObjectiveAndGradient(tao, nullptr, nothing, nullptr), "TaoSetObjectiveAndGradient");
  check_petsc(TaoSetSolution(tao, x), "TaoSetSolution");
  return TaoSetFromOptions(tao);
}

}  // namespace

std::string key_in_place_of(const std::string& name, const std::string& method) {
  static const std::vector<std::pair<std::string, std::string>> ours = {{"tao_type", "solve.method"},
                                                                        {"tao_max_it", "solve.iterations"},
                                                                        {"tao_max_funcs", "solve.max_gradients"},
                                                                        {"tao_gatol", "solve.relative_decrease"},
                                                                        {"tao_grtol", "solve.relative_decrease"},
                                                                        {"tao_gttol", "solve.relative_decrease"},
                                                                        {"tao_catol", "solve.relative_decrease"},
                                                                        {"tao_crtol", "solve.relative_decrease"},
                                                                        {"tao_steptol", "solve.relative_decrease"},
                                                                        {"tao_fmin", "solve.expected_loss"}};
  if (name == fmt::format("tao_{}_mat_lmvm_hist_size", method)) return "solve.history";
  const auto found = std::ranges::find(ours, name, &std::pair<std::string, std::string>::first);
  return found == ours.end() ? "" : found->second;
}

void check_petsc_options(const Comm& comm, const SolveSettings& settings) {
  for (const auto& [name, value] : settings.petsc) {
    if (!is_option_name(name)) refuse(name, value, "a name of PETSc has letters, digits and _, and no dash in front");
    if (const std::string key = key_in_place_of(name, settings.method); !key.empty())
      refuse(name, value, fmt::format("tessera sets that itself: use {}", key));
    check_petsc(PetscOptionsSetValue(nullptr, ("-" + name).c_str(), value.c_str()), "PetscOptionsSetValue");
    if (const PetscErrorCode code = read_options(comm, settings.method); code != petsc_success)
      refuse(name, value, fmt::format("PETSc refuses it: {}", first_line_on(code)));
    PetscBool used = PETSC_FALSE;
    check_petsc(PetscOptionsUsed(nullptr, name.c_str(), &used), "PetscOptionsUsed");
    if (!used && std::ranges::find(read_while_solving, name) == read_while_solving.end())
      refuse(name, value, fmt::format("PETSc's {} does not read it; check its name", settings.method));
  }
}

}  // namespace tessera
