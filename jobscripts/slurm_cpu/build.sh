#!/usr/bin/env bash
# Builds on a node of the kind that will run the job:  srun -N 1 -c 8 build.sh
# The tests are left out: they need Boost.Test and python3-h5py, and run better on a workstation.
source "$(dirname "$0")/env.sh"
set -euo pipefail # not before: some versions of `module` read unset variables
cd "$TESSERA_HOME"
cmake --preset release -DBUILD_TESTING=OFF
exec cmake --build build
