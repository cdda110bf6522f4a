#include "src/workflow/reconstruct/solve_settings.hpp"

#include "src/model/unknowns/rows.hpp"

namespace tessera {

SolveSettings solve_settings(const RunOptions& options) {
  SolveSettings settings{.method = options.solve.method,
                         .iterations = options.solve.iterations,
                         .max_gradients = options.solve.max_gradients.value_or(0),
                         .history = options.solve.history,
                         .relative_decrease = options.solve.relative_decrease,
                         .expected_loss = options.solve.expected_loss,
                         .stop = options.solve.stop,
                         .refresh = options.solve.refresh,
                         .refine = {},
                         .petsc = options.petsc};
  const auto add = [&](const std::string& name, const RefineOptions& refine) {
    settings.refine[name] = {refine.from, refine.until};
  };
  for (const auto& [name, refine] : options.refine) add(name, refine);
  for (const UnknownRow& row : unknown_rows())
    if (const auto whole = options.refine.find(row.part_of); whole != options.refine.end())
      add(row.name, whole->second);
  return settings;
}

double held_vectors(const RunOptions& options, const SolveSettings& settings) {
  const PositiveParts positive = options.object.positive;
  const bool bounded =
      positive.phase || (positive.absorption && options.object.representation == Representation::phase_absorption);
  return solver_vectors(settings, bounded);
}

}  // namespace tessera
