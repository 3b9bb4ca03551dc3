"""What every benchmark measures with."""
import os
import pathlib
import resource
import statistics
import subprocess
import threading
import time


def cpu_seconds(command, statuses=(0,), **options):
    """(user and system time of the command and all its children that were waited for, the finished process)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          stdin=subprocess.DEVNULL, timeout=3000, check=False, **options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if statuses is not None and done.returncode not in statuses:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr[-300:]}")
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime), done


def tree(pid):
    """The process and all its descendants."""
    pids = [pid]
    for parent in pids:
        try:
            for task in os.listdir(f"/proc/{parent}/task"):
                pids += [int(child) for child in
                         pathlib.Path(f"/proc/{parent}/task/{task}/children").read_text().split()]
        except OSError:
            pass  # it has ended
    return pids


def rollup_kib(pid, names):
    """Sum of the named lines of smaps_rollup; 0 where the process has ended."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines[1:] if line.split(":")[0] in names)


def peak_pss_mib(command, every=0.002):
    """(largest sum of PSS over the command and its descendants, samples that saw something)."""
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               stdin=subprocess.DEVNULL)
    peak, samples, ended = 0, 0, threading.Event()
    waiter = threading.Thread(target=lambda: (process.wait(), ended.set()))
    waiter.start()
    while not ended.is_set():
        total = sum(rollup_kib(pid, {"Pss"}) for pid in tree(process.pid))
        samples += total > 0
        peak = max(peak, total)
        time.sleep(every)
    waiter.join()
    if samples < 3:
        raise RuntimeError(f"{command[0]}: only {samples} samples of its memory")
    return peak / 1024, samples


def median(values):
    return statistics.median(values)


def result(name, measured, yardstick, command, **more):
    """`measured` is (value, unit), `yardstick` (what it is, its value or None where there is none). ratio is yardstick / value where less is better; `rate=True`: value / yardstick, more is better."""
    rate = more.pop("rate", False)
    (value, unit), (yardstick, yardstick_value) = measured, yardstick
    made = {"name": name, "value": round(value, 6), "unit": unit, "yardstick": yardstick}
    if yardstick_value is not None:
        made["yardstick_value"] = round(yardstick_value, 6)
        over, under = (value, yardstick_value) if rate else (yardstick_value, value)
        if under:
            made["ratio"] = round(over / under, 3)
    return {**made, **more, "command": command}
