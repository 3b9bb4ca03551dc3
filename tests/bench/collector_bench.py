"""The collector beside the least that the same work can cost (tests/bench/collector_bench.cc)."""
import json

from measure import cpu_seconds, result

NAMES = ["unchanged_cycle_bytes", "ingest_vs_limit"]


def bench(context, mode, count):
    _, done = cpu_seconds([context.bin_dir / "tom-bench", mode, count])
    return json.loads(done.stdout)


def run(context):
    if context.wants("unchanged_cycle_bytes"):
        cycles = 2000 if context.quick else 10000
        found = bench(context, "growth", cycles)
        yield result("unchanged_cycle_bytes", (found["bytes"], "bytes of SQLite file for an unchanged cycle of three groups"),
                     ("a plain table of nothing but statement digest and signature", found["least"]), f"tom-bench growth {cycles}")
    if context.wants("ingest_vs_limit"):
        reports = 1600 if context.quick else 8000
        found = bench(context, "ingest", reports)
        yield result("ingest_vs_limit", (found["per_second"], "heartbeats a second, each durable, from 8 hosts at once"),
                     ("the same signatures verified on all cores, then the same bytes inserted in SQLite (WAL, FULL, 8 a "
                      "transaction)", found["limit_per_second"]), f"tom-bench ingest {reports}", rate=True)
