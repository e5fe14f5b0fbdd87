#!/usr/bin/env bash
# Fuzzes every target, or those named, for some seconds each: fuzz/run.sh [SECONDS] [TARGET…]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
shift || true
targets=("$@")
if [ ${#targets[@]} = 0 ]; then
  targets=(yaml interpolate dotenv dockerignore merge load template)
fi
for target in "${targets[@]}"; do
  mkdir -p "fuzz/corpus/$target"
  # What is found goes into the first directory; the seeds are only read.
  cargo +nightly fuzz run "$target" "fuzz/corpus/$target" "fuzz/seeds/$target" -- \
    -dict=fuzz/compose.dict -max_total_time="$seconds" -max_len=8192 -timeout=10 -rss_limit_mb=1024
done
