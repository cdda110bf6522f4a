#!/bin/sh
# Builds PETSc with CUDA, as tessera needs it: real, double, 64-bit indices.
#
#   ./build.sh PREFIX [OPTION OF PETSC'S configure ...]
#
# Installs into PREFIX and builds in PREFIX-build, which may be removed afterwards. Needs a C and C++ compiler, mpicc
# and mpicxx of the MPI that tessera and HDF5 use, nvcc, python3, make, BLAS and LAPACK (ones with 32-bit integers: the
# 64 bits are those of PETSc's own indices). No GPU is needed to build. Variables of the environment:
#
#   CUDA_DIR       the CUDA toolkit, 12 or newer (/usr/local/cuda)
#   CUDA_ARCH      the GPU's compute capability without its dot: 80 an A100, 90 an H100 (90)
#   PETSC_ARCHIVE  the archive named below, for machines that reach no network
#   JOBS           compilations at once (2)
#
# A site's own BLAS: add --with-blaslapack-lib=... or --with-blaslapack-dir=... . Flags for its processor: add
# COPTFLAGS="-O3 -march=native" CXXOPTFLAGS="-O3 -march=native".
set -eu

if [ $# -lt 1 ]; then
  echo "usage: $0 PREFIX [option of PETSc's configure ...]" >&2
  exit 2
fi
mkdir -p "$1-build"
prefix=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
work=$prefix-build
version=3.26.1
archive=${PETSC_ARCHIVE:-$work/petsc-$version.tar.gz}
address=https://files.pythonhosted.org/packages/df/0f/0a3ae83f60fba9357e8de2acef74fc0871078c9991ae8aac4d04df118030
sum=a4dc46c1b4403545ac2274741ce10801366c4a9a7b2683b678d18f6663b93496
cuda=${CUDA_DIR:-/usr/local/cuda}

# The Python package petsc is PETSc's own source.
[ -e "$archive" ] || curl --fail --location --output "$archive" "$address/petsc-$version.tar.gz"
echo "$sum  $archive" | sha256sum --check
[ -d "$work/petsc-$version" ] || tar -xzf "$archive" -C "$work"

cd "$work/petsc-$version"
export PETSC_DIR="$PWD" PETSC_ARCH=cuda
# X, hwloc, valgrind and Fortran are of no use to tessera. Without a limit on the load make would compile one file at a
# time on a node that others use.
python3 ./configure --prefix="$prefix" \
  --with-cc=mpicc --with-cxx=mpicxx --with-fc=0 \
  --with-cuda=1 --with-cuda-dir="$cuda" --with-cuda-arch="${CUDA_ARCH:-90}" \
  --with-64-bit-indices=1 --with-precision=double --with-scalar-type=real --with-debugging=0 \
  --with-shared-libraries=1 --with-x=0 --with-hwloc=0 --with-ssl=0 --with-valgrind=0 \
  --with-make-np="${JOBS:-2}" --with-make-load=1000 \
  COPTFLAGS=-O2 CXXOPTFLAGS=-O2 CUDAOPTFLAGS=-O2 "$@"
make all
make install
echo "configure tessera with PKG_CONFIG_PATH=$prefix/lib/pkgconfig"
