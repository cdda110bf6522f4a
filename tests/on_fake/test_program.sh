#!/usr/bin/env bash
# The whole program on devices of the tests' own CUDA runtime: the host's result on any number of ranks, and one clear
# line when there is no device, no room on it, or none any more.
source "$2/tests/end_to_end/support.sh"
star=$source_dir/drivers/examples/siemens_star.yaml

# star RANKS NAME OPTIONS: two iterations of the star into the folder NAME.
star() {
  on_ranks "$1" reconstruct "$star" --set solve.iterations=2 --set solve.max_gradients=3 --set output.pictures=false \
    --set "output.directory=$work/$2" "${@:3}" >"$2.log" 2>&1 || fail "the star on $1 ranks, $2: $(tail -n 3 "$2.log")"
}
# same_as_host NAME
same_as_host() {
  [[ $(json "$1/metrics.json" 'm["device"]') == cuda ]] || fail "$1 did not run on the device"
  python - host "$1" <<'END' || fail "$1 is not the host's result"
import sys
import h5py, numpy as np

host, other = (h5py.File(f"{folder}/result.emd") for folder in sys.argv[1:])
for name in ("object", "probe", "loss"):
    a, b = (np.asarray(file[f"reconstruction/{name}/data"]) for file in (host, other))
    gap = np.linalg.norm(a - b) / np.linalg.norm(a)
    print(f"{sys.argv[2]}: {name} differs by {gap:.2g}")
    assert gap <= 1e-5, name
END
}

star 1 host --set run.device=host
star 1 one --set run.device=cuda
same_as_host one
star 1 from_the_host --set run.device=cuda --set run.patterns_on=host --set run.threads=2 --set run.batch=64
same_as_host from_the_host
TESSERA_FAKE_CUDA_DEVICES=2 star 2 each_its_own --set run.device=cuda
same_as_host each_its_own
star 3 shared --set run.device=cuda --set run.share_gpu=true
same_as_host shared
star 2 profiled --set run.device=cuda --set run.share_gpu=true --profile
same_as_host profiled
python - profiled host <<'END' || fail "the profile of the star is not what it did"
import json, sys

profile = json.load(open(f"{sys.argv[1]}/metrics.json"))["profile"]
kernels = profile["kernels"]
batches = kernels["Transmit"]["calls"]  # one slice, one mode
print(profile["sweeps"], "sweeps,", batches, "batches")
assert batches >= profile["sweeps"] and kernels["FFT"]["calls"] == 2 * batches + 2 * kernels["TransmitAdjoint"]["calls"]
assert 0 < sum(kernel["seconds"] for kernel in kernels.values()) <= profile["sweep_seconds"]
assert "Pack" in profile["beside_sweeps"]
assert "profile" not in json.load(open(f"{sys.argv[2]}/metrics.json"))
END
[[ $(grep -A 1 "kernels of .* sweeps on 2 ranks" profiled/run.log | tail -n 1) == *" calls "* ]] || fail "run.log has no table of kernels"
# halo NAME MPI CHOICE PATH WORDS: the star on two ranks with an MPI (tests/fake_cuda) and a choice of run.gpu_aware_mpi.
halo() {
  TESSERA_FAKE_CUDA_MPI=$2 star 2 "$1" --set run.device=cuda --set run.share_gpu=true --set "run.gpu_aware_mpi=$3"
  same_as_host "$1"
  [[ $(json "$1/metrics.json" 'm["gpu"]["halo"]') == "$4" ]] || fail "$1: overlaps are not $4"
  grep -q "$5" "$1/run.log" || fail "$1: the log does not say: $5"
}
halo takes 1 auto direct "overlaps cross from GPU to GPU: MPI says that it can, and a message between all ranks arrived"
halo off 1 off staged "through memory of the host: run.gpu_aware_mpi is off"
halo without_support 0 auto staged "MPI does not say that it takes a GPU's (run.gpu_aware_mpi: on would try it)"
halo silent 2 auto staged "MPI does not say that it takes a GPU's"
halo silent_on 2 on direct "MPI does not say that it can, but a message between all ranks arrived"
halo loses 3 auto staged "WARNING: overlaps cross .* MPI was tried with a GPU's, and other bytes than those sent arrived"
halo refuses 4 auto staged "WARNING: overlaps cross .* MPI was tried with a GPU's, and it refuses a GPU's memory"
if TESSERA_FAKE_CUDA_MPI=0 on_ranks 2 reconstruct "$star" --set run.device=cuda --set run.share_gpu=true \
  --set run.gpu_aware_mpi=on --set "output.directory=$work/crash" >crash.log 2>&1; then
  fail "an MPI that cannot take a GPU's memory took it"
fi
grep -q "fake CUDA: crash: the host touches .* device memory" crash.log || fail "MPI's crash is not told"
TESSERA_FAKE_CUDA_DRIVER=0 star 1 without --set run.device=auto
[[ $(json without/metrics.json 'm["device"]') == host ]] || fail "auto did not go on on the host"
grep -q "no GPU: this machine has no NVIDIA driver; the model runs on the host" without.log || fail "auto does not say why"

noise_data
{
  noise_run
  echo 'solve: {iterations: 3}'
  echo 'output: {pictures: false}'
  echo 'run: {device: cuda, share_gpu: true}'
} >run.yaml

# A fault on rank 1 alone, or on the only rank: what the table below sets.
real=$program
program=$work/with_fault
cat >"$program" <<END
#!/usr/bin/env bash
for setting in \$FAULT; do
  case \$setting in
    ON_ALL:*) export "TESSERA_FAKE_CUDA_\${setting#ON_ALL:}" ;;
    *) if [[ \${OMPI_COMM_WORLD_RANK:-1} == 1 ]]; then export "TESSERA_FAKE_CUDA_\$setting"; fi ;;
  esac
done
exec $real "\$@"
END
chmod +x "$program"
# faulty SETTINGS: a table of cases under these.
faulty() {
  export FAULT=$1
  check_table
}

run='reconstruct run.yaml --set output.directory=$out'
faulty ON_ALL:DRIVER=0 <<<"78 | run.device is cuda, and this machine has no NVIDIA driver; use run.device: host | $run"
faulty DRIVER=11000 <<<"78 | the driver knows CUDA 11.0 and this program needs 13.0; use a newer driver | $run"
faulty DEVICES=0 <<<"78 | the driver shows this process no GPU (see CUDA_VISIBLE_DEVICES) | $run"
faulty ON_ALL:ARCHITECTURE=90 <<<"3 78 | 3 ranks of a node would share the GPU 0000:01:00.0 | $run --set run.share_gpu=false"
faulty ARCHITECTURE=70 <<<"1 1 | compute capability 7.0): build it with -DCMAKE_CUDA_ARCHITECTURES=70, or use run.device: host | $run"
faulty MEMORY=100000 <<<"78 | for this rank there are 0 MiB: the waves of 1 modes on windows of 32 x 32 pixels in 1 slice | $run"
# Room for a batch that is not there makes the batch smaller; other room must be there.
for k in 5 10; do faulty FAIL_ALLOCATION=$k <<<"0 | a GPU has less room than was foretold: | $run"; done
for k in 1 20 35 50; do faulty FAIL_ALLOCATION=$k <<<"1 | out of memory; use more | $run"; done
for k in 1 10 50 100; do faulty FAIL_LAUNCH=$k <<<"1 | CUDA: launch of a kernel: too many resources requested for launch | $run"; done
for k in 1 10 50 100; do faulty LOSE_DEVICE=$k <<<"1 | cudaErrorLaunchFailure | $run"; done
faulty TRACE=1 <<<"0 | | $run"
faulty "ON_ALL:MPI=1 ON_ALL:TRACE=1" <<<"0 | | $run"
