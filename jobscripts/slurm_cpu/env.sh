# shellcheck shell=bash
# Sourced by build.sh and reconstruct.sbatch, so that the program runs with what it was built with.
# The module names are examples: see `module avail`. PETSc must be real, double, with 64-bit indices; HDF5 parallel.
module purge
module load gcc cmake ninja openmpi petsc hdf5 fftw yaml-cpp cli11 nlohmann-json fmt cairo libpng

export TESSERA_HOME=${TESSERA_HOME:-$HOME/tessera}
export OMP_NUM_THREADS=1
