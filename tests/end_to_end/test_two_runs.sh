#!/usr/bin/env bash
# Two runs that write the same at the same time: one has it, whole; the other ends with one line. And what a killed run
# leaves, the next one takes over, and says so.
# cores: 1
source "$2/tests/end_to_end/support.sh"

noise_data
vacuum_object
{
  noise_run
  echo 'output: {pictures: false}'
} >reconstruct.yaml
python - "$program" <<'END'
import collections, json, os, pathlib, random, signal, subprocess, sys, time
import h5py

program, pairs, seed = sys.argv[1], 20, 3
pathlib.Path("simulate.yaml").write_text("""version: 1
detector: {pixel_invA: 0.078125}
scan: {step_A: 0.5}
beam: {energy_keV: 200, semiangle_mrad: 20}
simulate:
  object: {file: empty.h5, dataset: phase}
  scan: {shape: [6, 5]}
  detector: {shape: [64, 64]}
""")


def start(command, ranks, sets, more=[]):
    launcher = [] if ranks == 1 else ["mpirun", "--oversubscribe", "-n", str(ranks)]
    return subprocess.Popen(launcher + [program, command, f"{command}.yaml", "--quiet"] + more +
                            [word for each in sets for word in ("--set", each)], stderr=subprocess.PIPE, text=True)


def end(run):
    said = run.communicate(timeout=60)[1]
    return run.returncode, [line for line in said.splitlines() if line.startswith(("ERROR:", "WARNING:"))]


def check_pair(command, number, outcomes, left):
    codes = sorted(code for code, _ in outcomes)
    assert codes == [0, 73], outcomes
    won = next(i for i, (code, _) in enumerate(outcomes) if code == 0)
    said = [line for line in outcomes[1 - won][1] if line.startswith("ERROR:")]
    assert len(said) == 1 and ("is being written by another run (process" in said[0] or "exists" in said[0]), said
    assert not [line for line in outcomes[won][1] if line.startswith("ERROR:")], outcomes
    assert not [name for name in left if ".tmp" in name or ".lock" in name], left
    return won, "is being written" if "is being written" in said[0] else "exists"


became = collections.Counter()
choose = random.Random(seed)
for number in range(pairs):
    iterations = [choose.choice([30, 200]), 5]
    folder = f"out{number}"
    ranks = choose.choice([1, 1, 2])
    offset_s = choose.choice([0, choose.uniform(0, 0.3), choose.uniform(0, 1.5)])
    runs = []
    for i in range(2):
        runs.append(start("reconstruct", ranks if i == 0 else 1, [f"output.directory={folder}", f"solve.iterations={iterations[i]}"]))
        time.sleep(offset_s if i == 0 else 0)
    won, why = check_pair("reconstruct", number, [end(run) for run in runs], os.listdir(folder))
    became["reconstruct", why] += 1
    with h5py.File(f"{folder}/result.emd") as file:
        resolved = file["reconstruction/process/config_yaml/data"][()].decode()
        assert len(file["reconstruction/loss/data"]) <= iterations[won] + 1
    assert resolved.rstrip("\0") == pathlib.Path(f"{folder}/resolved.yaml").read_text(), "another run's resolved.yaml"
    assert f"iterations: {iterations[won]} " in resolved, resolved
    status = json.load(open(f"{folder}/status.json"))
    assert status["state"] == "finished" and status["complete"] and status["result_written"], status
    assert len(json.load(open(f"{folder}/metrics.json"))["loss"]) <= iterations[won] + 1

for number in range(3 * pairs // 4):
    name, runs = f"simulated{number}.h5", []
    for i in range(2):
        runs.append(start("simulate", choose.choice([1, 2]), [f"simulate.output={name}", f"simulate.seed={i}"]))
        time.sleep(choose.choice([0, 0, choose.uniform(0, 0.3)]) if i == 0 else 0)  # it takes a third of a second
    won, why = check_pair("simulate", number, [end(run) for run in runs], [n for n in os.listdir(".") if n.startswith(name)])
    became["simulate", why] += 1
    with h5py.File(name) as file:
        assert file.attrs["seed"][()] == won and file["data"].shape == (6, 5, 64, 64)
for (command, why), count in sorted(became.items()):
    print(f"{count:3} pairs of {command}: the second one was told that the output {why}")
assert became["reconstruct", "is being written"] >= 5 and became["simulate", "is being written"] >= 2

# A killed run.
for ranks in (1, 2):
    folder = f"killed{ranks}"
    run = start("reconstruct", ranks, [f"output.directory={folder}", "solve.iterations=1000000", "object.slices=4", "object.slice_spacing_A=5"])
    while not os.path.exists(f"{folder}/run.log") or "iteration" not in pathlib.Path(f"{folder}/run.log").read_text():
        assert run.poll() is None
        time.sleep(0.05)
    status = json.load(open(f"{folder}/status.json"))
    assert status["state"] == "running" and status["exit_code"] is None and status["host"] == os.uname().nodename, status
    code, said = end(start("reconstruct", 1, [f"output.directory={folder}", "solve.iterations=5"]))
    assert code == 73 and f"(process {status['pid']} on {status['host']}, since" in said[0], said
    code, said = end(start("reconstruct", 1, [f"output.directory={folder}"], ["--force"]))
    assert code == 73 and "another run" in said[0], said  # --force is for results, not for living runs
    os.kill(status["pid"], signal.SIGKILL)
    end(run)
    assert os.path.exists(f"{folder}/run.lock")
    code, said = end(start("reconstruct", 3 - ranks, [f"output.directory={folder}", "solve.iterations=5"]))
    assert code == 0, said
    assert said[0].startswith("WARNING:") and f"that is dead (process {status['pid']} on" in said[0], said
    assert said[0] in pathlib.Path(f"{folder}/run.log").read_text()
    assert sorted(os.listdir(folder)) == ["metrics.json", "report.html", "resolved.yaml", "result.emd", "ro-crate-metadata.json", "run.log", "status.json"]
    print(said[0])
END
