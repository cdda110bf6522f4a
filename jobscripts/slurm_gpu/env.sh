# shellcheck shell=bash
# Sourced by build.sh and reconstruct.sbatch, so that the program runs with what it was built with.
# The module names are examples: see `module avail`. PETSc must be real, double, with 64-bit indices; HDF5 parallel; the CUDA
# toolkit 12 or newer, no newer than the driver of the nodes (`nvidia-smi` tells the CUDA version that it knows).
module purge
module load gcc cmake ninja cuda openmpi petsc hdf5 fftw yaml-cpp cli11 nlohmann-json fmt cairo libpng

export TESSERA_HOME=${TESSERA_HOME:-$HOME/tessera}
export TESSERA_GPUS="80;90" # architectures to build for: 80 is the A100, 90 the H100
export OMP_NUM_THREADS=1
