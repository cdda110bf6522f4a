#!/usr/bin/env bash
# Builds with the back end for GPUs, on a node of the kind that will run the job:  srun -N 1 -c 8 build.sh
# No GPU is needed to build. With one, `perf/gpu build-cuda` measures it afterwards.
source "$(dirname "$0")/env.sh"
set -euo pipefail # not before: some versions of `module` read unset variables
cd "$TESSERA_HOME"
cmake --preset cuda -DBUILD_TESTING=OFF -DCMAKE_CUDA_ARCHITECTURES="$TESSERA_GPUS"
exec cmake --build build-cuda
