# A collector, its time-stamp authority, an operator and an agent on loopback, for suites to source.
#
#   source tests/e2e/lib/installation.sh    from the root of the source; sets up teardown
#   start_installation                      everything up to an enrolled agent `web-1` and a first stamp
#
# Afterwards: $bin the programs, $dir a folder of the suite's own, $port the collector's, and the functions below. What runs
# is ended when the suite ends; the folder stays only where the suite failed.
set -euo pipefail
root=$PWD
bin=${TOM_BIN_DIR:-$root/build/dev/bin}
suite=$(basename "$(dirname "$(realpath "$0")")")
dir=$(mktemp -d)
services=()

teardown() {
  local status=$?
  trap - EXIT
  if [ ${#services[@]} -gt 0 ]; then kill "${services[@]}" 2>/dev/null || true; fi
  wait 2>/dev/null || true
  if [ $status -eq 0 ]; then rm -rf "$dir"; else echo "$suite: left for inspection: $dir" >&2; fi
  exit $status
}
trap teardown EXIT

fail() { echo "$suite: $*" >&2; exit 1; }
wait_for() { for _ in $(seq 200); do [ ! -s "$1" ] || return 0; sleep 0.1; done; fail "$1 did not appear"; }
tomctl() { "$bin/tomctl" --config "$dir/operator/tomctl.yaml" "$@"; }
agent() { TOM_STATE=$dir/agent TOM_CHECKS=$root/checks "$bin/tom-agent" "$@"; }
stamp() { sleep 1; tomctl ledger checkpoint --stamp >/dev/null 2>&1; }
report() {  # verdicts about the machine are no failure
  local status=0
  agent report --config "$dir/agent.yaml" "$@" || status=$?
  case $status in 0 | 2 | 3) ;; *) return $status ;; esac
}

start_collector() {
  rm -f "$dir/ports"
  "$bin/tom-collector" serve --config "$dir/collector/collector.yaml" --port-file "$dir/ports" >>"$dir/collector.log" 2>&1 &
  collector=$!
  services+=($!)
  wait_for "$dir/ports"
  port=$(awk '$1 == "grpc" {print $2}' "$dir/ports")
  sed -i "s|^collector:.*|collector: \"127.0.0.1:$port\"|" "$dir/operator/tomctl.yaml"
  printf 'collector: {address: "127.0.0.1:%s"}\nprofiles: [velory-dpa]\n' "$port" >"$dir/agent.yaml"
}

start_installation() {
  mkdir -m 0700 "$dir/operator" "$dir/collector"
  mkdir "$dir/tsa"
  "$bin/tom-tsa" --dir "$dir/tsa" --port-file "$dir/tsa/port" >"$dir/tsa.log" 2>&1 &
  services+=($!)
  wait_for "$dir/tsa/port"
  cat >"$dir/collector/collector.yaml" <<YAML
listen: {grpc: "127.0.0.1:0", https: "127.0.0.1:0"}
store: {kind: sqlite, path: "$dir/collector/store.db"}
tsa: {url: "http://127.0.0.1:$(cat "$dir/tsa/port")/", authority_file: "$dir/tsa/tsa.pem", every: 8h}
YAML
  "$bin/tom-collector" init --state "$dir/collector" --operator-dir "$dir/operator" --name 127.0.0.1 >/dev/null
  start_collector
  cat >>"$dir/operator/tomctl.yaml" <<YAML
tsa: "http://127.0.0.1:$(cat "$dir/tsa/port")/"
tsa_trust_file: "$dir/tsa/tsa.pem"
YAML
  tomctl catalogue sign --checks checks --version 1 --expires 400d --authority "$dir/tsa/tsa.pem" \
    -o "$dir/operator/catalogue.tom" 2>/dev/null
  tomctl catalogue publish "$dir/operator/catalogue.tom" >/dev/null
  tomctl profile publish velory-dpa --checks checks >/dev/null
  cat >"$dir/operator/inventory.csv" <<CSV
id,name,kind,role,owner,site,controllers,personal_data,critical,in_service_from
web-1,web-1,host,test,ops,here,shared,true,true,$(date -u +%Y-%m-%dT%H:%M:%SZ)
CSV
  tomctl inventory import "$dir/operator/inventory.csv" >/dev/null
  ( umask 077; token web-1 >"$dir/token" )
  agent enroll --collector "127.0.0.1:$port" --token-file "$dir/token" --system web-1 >/dev/null
  stamp
}

token() { tomctl token create --system "$1" --uses 1 --expires "${2:-1h}" 2>/dev/null; }
