#include "src/model/unknowns/rows.hpp"

#include <algorithm>

#include "src/base/error.hpp"

namespace tessera {

UnknownRow probe_row();
UnknownRow aberrations_row();
UnknownRow relaxation_row();
UnknownRow relaxation_basis_row();
UnknownRow positions_row();
UnknownRow dose_row();
UnknownRow background_row();
UnknownRow descan_row();
UnknownRow tilt_row();
UnknownRow tilts_row();
UnknownRow thickness_row();
UnknownRow gaps_row();
UnknownRow psf_row();
UnknownRow states_row();

const std::vector<UnknownRow>& unknown_rows() {
  static const std::vector<UnknownRow> rows{
      probe_row(),     aberrations_row(), relaxation_row(), relaxation_basis_row(),
      positions_row(), dose_row(),        background_row(), descan_row(),
      tilt_row(),      tilts_row(),       thickness_row(),  gaps_row(),
      psf_row(),       states_row(),
  };
  return rows;
}

const UnknownRow& unknown_row(const std::string& name) {
  const auto found = std::ranges::find(unknown_rows(), name, &UnknownRow::name);
  TESSERA_ASSERT(found != unknown_rows().end(), name);
  return *found;
}

}  // namespace tessera
