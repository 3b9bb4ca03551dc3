"""The collector and the verifier beside the least that the same work can cost (tests/bench/bench_main.cc)."""
import json

from measure import cpu_seconds, peak_pss_mib, result

NAMES = ["unchanged_cycle_bytes", "ingest_vs_limit", "ledger_append_vs_limit", "pack_build_vs_limit", "pack_verify_vs_limit",
         "pack_verify_peak_mib", "status_year_seconds"]
SQLITE = "inserted in SQLite (WAL, FULL, "
PACK = ("pack_build_vs_limit", "pack_verify_vs_limit", "pack_verify_peak_mib")


def bench(context, mode, *arguments):
    _, done = cpu_seconds([context.bin_dir / "tom-bench", mode, *arguments])
    return json.loads(done.stdout)


def growth(context):
    cycles = 2000 if context.quick else 10000
    found = bench(context, "growth", cycles)
    return result("unchanged_cycle_bytes", (found["bytes"], "bytes of SQLite file for an unchanged cycle of three groups"),
                  ("a plain table of nothing but statement digest and signature", found["least"]), f"tom-bench growth {cycles}")


def ingest(context):
    reports = 1600 if context.quick else 8000
    found = bench(context, "ingest", reports)
    return result("ingest_vs_limit", (found["per_second"], "heartbeats a second, each durable, from 8 hosts at once"),
                  (f"the same signatures verified on all cores, then the same bytes {SQLITE}8 a transaction)",
                   found["limit_per_second"]), f"tom-bench ingest {reports}", rate=True)


def ledger(context):
    entries = 4000 if context.quick else 40000
    found = bench(context, "ledger", entries)
    return result("ledger_append_vs_limit", (found["per_second"], "entries a second, each durable, from 64 writers at once: "
                                             "statement, leaf, tiles, root, signed checkpoint"),
                  (f"the same statements and digests {SQLITE}{found['entries_a_transaction']:.0f} a transaction, as many as "
                   "the ledger's own)", found["limit_per_second"]), f"tom-bench ledger {entries}, three rounds by turns", rate=True)


def made_pack(context, hosts, days):
    folder = context.scratch / f"pack-{hosts}-{days}"
    folder.mkdir()
    return folder, bench(context, "pack", hosts, days, folder)


def verifier_peak(context, folder):
    values = [peak_pss_mib([context.bin_dir / "tom-verify", folder / "pack.asice", "--trust", folder / "trust.json",
                            "--tsa-trust", folder / "tsa.pem"])[0] for _ in range(3)]
    return sorted(values)[1]


def packs(context):
    hosts, days = (5, 8) if context.quick else (20, 30)
    folder, found = made_pack(context, hosts, days)
    what = f"{hosts} hosts for {days} days: {found['reports']} hourly reports of 120 rows, {found['mib']} MiB"
    command = f"tom-bench pack {hosts} {days} DIR, three rounds by turns"
    if context.wants("pack_build_vs_limit"):
        yield result("pack_build_vs_limit", (found["build_per_second"], f"reports a second; a pack of {what}"),
                     ("the store's rows read as they lie there; the same bytes hashed, summed, written and made durable",
                      found["build_limit_per_second"]), command, rate=True)
    if context.wants("pack_verify_vs_limit"):
        yield result("pack_verify_vs_limit", (found["verify_per_second"], f"reports a second; a pack of {what}"),
                     ("the same bytes read, hashed and summed, its JSON read once by SQLite into nothing, every statement hashed, "
                      "the signatures that the pack carries verified", found["verify_limit_per_second"]), command, rate=True)
    if context.wants("pack_verify_peak_mib"):
        half, smaller = made_pack(context, hosts, days // 2)
        yield result("pack_verify_peak_mib", (verifier_peak(context, folder), f"MiB of PSS; a pack of {what}"),
                     (f"the same for {days // 2} days, {smaller['mib']} MiB", verifier_peak(context, half)),
                     "tom-verify PACK --trust trust.json --tsa-trust tsa.pem; largest PSS, every 2 ms; median of 3")


def status(context):
    hosts = 500 if context.quick else 10000
    found = bench(context, "status", hosts)
    return result("status_year_seconds", (found["seconds"], f"seconds for a status over one year of {hosts} hosts, 60 checks "
                                          f"and 120 rows each: {found['rows']} intervals and presences, {found['store_mib']} MiB; "
                                          "the collector's own QueryView"),
                  ("one plain SELECT over the same rows", found["scan_seconds"]), f"tom-bench status {hosts}")


def run(context):
    for name, measure in (("unchanged_cycle_bytes", growth), ("ingest_vs_limit", ingest), ("ledger_append_vs_limit", ledger),
                          ("status_year_seconds", status)):
        if context.wants(name):
            yield measure(context)
    if any(context.wants(name) for name in PACK):
        yield from packs(context)
