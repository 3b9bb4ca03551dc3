"""`tom-agent check` of this machine against lynis and oscap on the same machine: CPU, and CPU for each rule that was
really evaluated; memory as the largest sum of PSS over all processes. The bar: under 1 CPU second and 64 MiB."""
import json
import pathlib
import re
import shutil

from measure import cpu_seconds, median, peak_pss_mib, result

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMES = ["check_cpu_vs_lynis", "check_cpu_vs_oscap", "check_peak_mib"]
CONTENT = pathlib.Path("/usr/share/xml/scap/ssg/content")
PROFILE = "xccdf_org.ssgproject.content_profile_standard"


def check(context):
    return [context.bin_dir / "tom-agent", "check", "--checks", ROOT / "checks", "--format", "json"]


def ours(context):
    """(median CPU of five, checks that gave a verdict on something, rows)."""
    seconds, rows = [], []
    for _ in range(5):
        one, done = cpu_seconds(check(context), (0, 2, 3))
        seconds.append(one)
        rows = json.loads(done.stdout)["results"]
    evaluated = {row["check"] for row in rows if row["verdict"] in ("pass", "fail")}
    if not evaluated:
        raise RuntimeError("tom-agent check evaluated nothing")
    return median(seconds), evaluated, rows


def compare(name, mine, peer, peer_name, peer_rules, command):
    seconds, evaluated, rows = mine
    more = {"ours_evaluated": len(evaluated), "ours_rows": len(rows), "ours_per_rule": round(seconds / len(evaluated), 6)}
    if peer is not None and peer_rules == 0:
        what = f"{peer_name}: incomparable, no rule of its content was evaluated here"
        return result(name, (seconds, "CPU seconds"), (what, None), command, peer_seconds=round(peer, 3), **more)
    if peer is not None:
        more.update(peer_evaluated=peer_rules, peer_per_rule=round(peer / peer_rules, 6),
                    ratio_per_rule=round(peer / peer_rules / (seconds / len(evaluated)), 2))
    return result(name, (seconds, "CPU seconds"), (peer_name, peer), command, **more)


def lynis(context, mine):
    command = "median of 5; lynis audit system --quick, once"
    if not shutil.which("lynis"):
        return compare("check_cpu_vs_lynis", mine, None, "lynis is not installed", 0, command)
    log, report = context.scratch / "lynis.log", context.scratch / "lynis.dat"
    seconds, _ = cpu_seconds(["lynis", "audit", "system", "--quick", "--quiet", "--no-colors", "--log-file", log,
                              "--report-file", report], None)
    done = re.search(r"^lynis_tests_done=(\d+)", report.read_text(errors="replace"), re.MULTILINE)
    performed = int(done[1]) if done else len(set(re.findall(r"Performing test ID (\S+)", log.read_text(errors="replace"))))
    return compare("check_cpu_vs_lynis", mine, seconds, "lynis audit system, whole", performed, command)


def without_platform(source, target):
    """The content is for another release than this machine's, and then oscap evaluates nothing. Its platform condition
    is taken out, so that the same rules are looked at here."""
    target.write_text(re.sub(r'<[a-z0-9.:-]*platform idref="cpe:/o:[^"]*"/>', "", source.read_text()))


def oscap(context, mine):
    name, command = "check_cpu_vs_oscap", f"median of 5; oscap xccdf eval --profile {PROFILE}"
    contents = sorted(CONTENT.glob("ssg-debian*-ds.xml"))
    if not shutil.which("oscap") or not contents:
        return compare(name, mine, None, "oscap with ssg-debian is not installed", 0, command)
    adapted = context.scratch / "content.xml"
    without_platform(contents[-1], adapted)
    seconds = []
    for _ in range(1 if context.quick else 3):
        one, done = cpu_seconds(["oscap", "xccdf", "eval", "--profile", PROFILE, adapted], (0, 2))
        seconds.append(one)
    rules = len(re.findall(r"^Result\s+(?:pass|fail)$", done.stdout, re.MULTILINE))
    return compare(name, mine, median(seconds), f"oscap, standard profile of {contents[-1].name} without its platform condition",
                   rules, command)


def peak(context):
    values = [peak_pss_mib(check(context))[0] for _ in range(5)]
    command = "largest sum of Pss in smaps_rollup over the process tree, every 2 ms; median of 5"
    contents = sorted(CONTENT.glob("ssg-debian*-ds.xml"))
    if not shutil.which("oscap") or not contents:
        return result("check_peak_mib", (median(values), "MiB"), ("oscap with ssg-debian is not installed", None), command)
    adapted = context.scratch / "content.xml"
    without_platform(contents[-1], adapted)
    peer, _ = peak_pss_mib(["oscap", "xccdf", "eval", "--profile", PROFILE, adapted])
    return result("check_peak_mib", (median(values), "MiB"), ("oscap, standard profile, measured the same way", peer), command)


def run(context):
    if context.wants("check_cpu_vs_lynis") or context.wants("check_cpu_vs_oscap"):
        mine = ours(context)
        if context.wants("check_cpu_vs_oscap"):
            yield oscap(context, mine)
        if context.wants("check_cpu_vs_lynis"):
            yield lynis(context, mine)
    if context.wants("check_peak_mib"):
        yield peak(context)
