"""What a cycle in which nothing changed costs the agent with ten times the checks."""
import json
import pathlib
import re
import shutil

from installation import Installation
from measure import cpu_seconds, median, result

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMES = ["unchanged_cycle_600_vs_60_checks"]


def catalogue(folder, count):
    """The shipped checks, copied under other names until there are `count`; on declared facts and local files alone, so
    that the same facts are read whatever the number."""
    shutil.copytree(ROOT / "checks/profiles", folder / "profiles")
    shutil.copytree(ROOT / "checks/measures", folder / "measures")
    shipped = [path for path in sorted((folder / "measures").glob("*/*.yaml")) if path.name != "measure.yaml"]
    made, copies = len(shipped), 0
    while made < count:
        copies += 1
        for path in shipped[:count - made]:
            copy = path.with_name(f"{path.stem}-{copies}.yaml")
            copy.write_text(re.sub(rf"^id: {path.stem}$", f"id: {copy.stem}", path.read_text(), flags=re.MULTILINE))
            made += 1
    return made


def report(installation):
    seconds, done = cpu_seconds([installation.bin / "tom-agent", "report", "--config", installation.config, "--format",
                                 "json"], (0, 2, 3), env=installation.environment())
    return seconds, json.loads(done.stdout)


def unchanged(context, count):
    checks = context.scratch / f"checks-{count}"
    checks.mkdir()
    made = catalogue(checks, count)
    with Installation(context, checks, f"with-{count}") as installation:
        report(installation)
        report(installation)  # what has settled by now is settled
        return made, median([report(installation)[0] for _ in range(3 if context.quick else 5)])


def run(context):
    few, cheap = unchanged(context, 60)
    many, dear = unchanged(context, 600)
    yield result("unchanged_cycle_600_vs_60_checks", (dear, f"CPU seconds of a cycle with {many} checks"),
                 (f"the same with {few} checks: tenfold would be a ratio of 0.1", cheap),
                 "tom-agent report, the third and later ones, agent and all children")
