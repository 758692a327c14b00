#!/usr/bin/env bash
# Runs every fuzzer for $1 seconds on the class path $2, from the inputs in src/test/resources/fuzz. What it finds stays in
# target/fuzz; an input that breaks a promise ends this with an error, and belongs to the others in the tree.
set -euo pipefail
cd "$(dirname "$0")/../.."
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

for fuzzer in protocol.FrameFuzzer extension.deflate.DeflateFuzzer protocol.Utf8Fuzzer handshake.HandshakeFuzzer handshake.HttpTextFuzzer; do
    name=${fuzzer##*.}
    corpus=target/fuzz/$name
    mkdir -p "$corpus"
    echo "== $name, $1 s"
    "$java" -Xmx1g -cp "$2" com.code_intelligence.jazzer.Jazzer \
        --target_class="dev.hawser.websocket.$fuzzer" \
        --instrumentation_includes='dev.hawser.websocket.**' \
        --reproducer_path=target/fuzz \
        -artifact_prefix="target/fuzz/$name-" -max_total_time="$1" -timeout=10 -max_len=8192 -print_final_stats=1 \
        "$corpus" "src/test/resources/fuzz/$name"
done
