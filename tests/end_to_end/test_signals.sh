#!/usr/bin/env bash
# Signals at random moments: whatever the kind, the moment, the rank and the state of the output, the run ends within ten
# seconds, with a result or a clean refusal, and status.json says which. Seeded; prints what became of the runs.
# cores: 1
source "$2/tests/end_to_end/support.sh"

python - "$program" <<'END'
import collections, concurrent.futures, glob, json, os, pathlib, pty, random, signal, subprocess, sys, threading, time
import h5py, numpy as np

program, trials, seed, most_s = sys.argv[1], 50, 5, 10
rng = np.random.default_rng(1)
with h5py.File("data.h5", "w") as file:
    y, x = np.mgrid[:6, :6]
    file["data"] = rng.poisson(5, (36, 32, 32)).astype("uint16")
    file["positions_A"] = np.stack([2.0 * y.ravel(), 2.0 * x.ravel()], axis=1)
pathlib.Path("run.yaml").write_text("""version: 1
data: {file: data.h5, patterns: /data, positions: /positions_A}
detector: {pixel_invA: 0.05}
beam: {energy_keV: 80, semiangle_mrad: 10}
object: {representation: phase, slices: 4, slice_spacing_A: 5}
solve: {iterations: 100000}
""")
Trial = collections.namedtuple("Trial", "number kind ranks whom output delay_s every ignores_hup")
KINDS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, signal.SIGUSR1, signal.SIGUSR2]


class Output:
    """Standard output and error of a run, in one of the states that they can be in."""

    def __init__(self, kind, path):
        self.kind, self.reader = kind, None
        if kind == "file":
            self.end = os.open(path, os.O_WRONLY | os.O_CREAT)
        else:
            self.reader, self.end = pty.openpty() if kind.startswith("terminal") else os.pipe()
        if kind == "closed":
            os.close(self.reader)
            self.reader = None
        if kind in ("stalled", "terminal that nobody reads"):
            self.fill()
        if kind == "terminal":
            self.drain()

    def fill(self):
        os.set_blocking(self.end, False)
        try:
            while os.write(self.end, b"full\n"):
                pass
        except BlockingIOError:
            os.set_blocking(self.end, True)

    def drain(self):
        def read():
            try:
                while os.read(self.reader, 65536):
                    pass
            except OSError:
                pass
        threading.Thread(target=read, daemon=True).start()


def children(pid):
    listed = subprocess.run(["pgrep", "-P", str(pid), "-f", "reconstruct"], capture_output=True, text=True).stdout
    return [int(word) for word in listed.split()]


def is_gone(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] in "ZX"
    except OSError:
        return True


def send(pids, kind):
    for pid in pids:
        try:
            os.kill(pid, kind)
        except ProcessLookupError:
            pass


def check_files(folder, code):
    """What may be in the folder of a run that has ended with this code; returns what became of it."""
    left = [name for name in os.listdir(folder) if ".tmp" in name or "lock" in name] if os.path.isdir(folder) else []
    assert not left, f"left behind: {left}"
    result = os.path.join(folder, "result.emd")
    if not os.path.exists(os.path.join(folder, "status.json")):
        assert not os.path.exists(result) and code != 0
        return "refused, nothing was written"
    status = json.load(open(os.path.join(folder, "status.json")))
    assert status["state"] == ("finished" if code == 0 else "stopped"), status
    assert status["exit_code"] == code and status["complete"] == (code == 0), (status, code)
    assert status["result_written"] == os.path.exists(result), status
    if not status["result_written"]:
        assert "no result was written" in status["stop_reason"], status
        return "refused before the solve"
    with h5py.File(result) as file:
        assert len(file["reconstruction/loss/data"]) > 0
        assert np.isfinite(file["reconstruction/phase/data"][()]).all()
    assert json.load(open(os.path.join(folder, "metrics.json")))["iterations"] >= 0
    return "complete" if code == 0 else "stopped with a result"


def run(trial):
    folder = f"out{trial.number}"
    output = Output(trial.output, f"shown{trial.number}")
    launcher = [] if trial.ranks == 1 else ["mpirun", "--oversubscribe", "-n", str(trial.ranks)]

    def prepare():
        for kind in KINDS:
            signal.signal(kind, signal.SIG_DFL)
        if trial.ignores_hup:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

    # mpirun waits until its own messages are taken.
    errors = output.end if trial.ranks == 1 else open(f"errors{trial.number}", "w")
    started = subprocess.Popen(
        launcher + [program, "reconstruct", "run.yaml", "--set", f"output.directory={folder}", "--set",
                    f"output.every={trial.every}", "--set", "output.pictures=false"],
        stdin=subprocess.DEVNULL, stdout=output.end, stderr=errors, preexec_fn=prepare, start_new_session=True)
    os.close(output.end)
    try:
        return signal_and_judge(trial, folder, output, started)
    finally:
        send(children(started.pid) + [started.pid], signal.SIGKILL)
        started.wait()


def signal_and_judge(trial, folder, output, started):
    time.sleep(trial.delay_s)
    ranks = [started.pid] if trial.ranks == 1 else children(started.pid)
    while not ranks and started.poll() is None:
        ranks = children(started.pid)
    whom = ranks if trial.whom == "all" else [random.Random(trial.number).choice(ranks)] if ranks else []
    expected = trial.kind
    send(whom, trial.kind)
    if trial.kind == signal.SIGPIPE or (trial.kind == signal.SIGHUP and trial.ignores_hup):
        time.sleep(0.3)  # what ends no run
        expected = signal.SIGTERM
        send(whom, expected)
    begun = time.monotonic()
    while not all(is_gone(pid) for pid in ranks):
        assert time.monotonic() - begun < most_s, "it does not end"
        if trial.ranks == 1:
            started.poll()
        time.sleep(0.01)
    if output.reader is not None and trial.output != "terminal":
        output.drain()  # mpirun itself waits for its reader
    code = started.wait(timeout=most_s)
    if trial.ranks > 1 and trial.output == "closed" and os.path.exists(f"{folder}/status.json"):
        code = json.load(open(f"{folder}/status.json"))["exit_code"]  # mpirun may end with its own, of its broken pipe
    if code < 0 or trial.kind == signal.SIGPIPE and code == 128 + signal.SIGPIPE:
        assert not os.path.exists(folder), f"killed by {-code} after it had begun"
        return "killed before the program had begun"
    assert code in (0, 128 + expected, 128 + trial.kind), f"exit code {code}"
    return check_files(folder, code)


choose = random.Random(seed)
plan = []
for number in range(trials):
    kind = KINDS[number % len(KINDS)]
    plan.append(Trial(number, kind, choose.choice([1, 1, 2]), choose.choice(["one", "all"]),
                      choose.choice(["terminal", "terminal that nobody reads", "file", "closed", "stalled"]),
                      choose.uniform(*choose.choice([(0, 0.5), (0.5, 1), (0.5, 1.5), (1, 4)])), choose.choice([0, 20]),
                      kind == signal.SIGHUP and choose.random() < 0.4))
became, failures = collections.Counter(), []
with concurrent.futures.ThreadPoolExecutor(3) as pool:
    for trial, future in [(trial, pool.submit(run, trial)) for trial in plan]:
        try:
            became[future.result()] += 1
        except Exception as problem:
            failures.append(f"{trial}: {type(problem).__name__}: {problem}")
for outcome, count in sorted(became.items()):
    print(f"{count:3} {outcome}")
for failure in failures:
    print("FAILED:", failure)
assert not failures and became["stopped with a result"] >= trials // 3, became
END
