#!/bin/bash -eu
# Licensed under the Apache License, Version 2.0: http://www.apache.org/licenses/LICENSE-2.0

# Builds the fuzz target as OSS-Fuzz and ClusterFuzzLite want it: with their compilers, flags and
# engine ($CC $CXX $CFLAGS $CXXFLAGS $LIB_FUZZING_ENGINE $SANITIZER), from any directory, into $OUT.

# OSS-Fuzz runs a copy of this file, $SRC/build.sh, beside the source.
here=$(dirname "$(readlink -f "$0")")
if [ -f "$here/../../meson.build" ]; then root=$(readlink -f "$here/../.."); else root=$SRC/persist; fi
# shellcheck disable=SC2153  # WORK is the builder's
work=$WORK/persist-$SANITIZER-${FUZZING_ENGINE:-libfuzzer}-${ARCHITECTURE:-x86_64}

# AFL++ is to watch the allocator, not the harness; its lists match the whole path, $SRC included.
name=$(basename "$root")
printf 'src: */%s/src/*\nsrc: */%s/fuzz/targets/*\n' "$name" "$name" >"$WORK/afl-allowlist"
export AFL_LLVM_ALLOWLIST=$WORK/afl-allowlist

rm -rf "$work"
meson setup -Dwerror=false -Dfuzz=oss-fuzz "-Dengine=$LIB_FUZZING_ENGINE" \
  "-Dsanitizer=$SANITIZER" -Dbuildtype=plain -Db_lundef=false "$work" "$root"
ninja -C "$work" fuzz/core
cp "$work/fuzz/core" "$OUT/persist_core"

mapfile -t inputs < <(find "$root"/corpus/{seeds,regressions} -type f ! -name README.md)
python3 -m zipfile -c "$OUT/persist_core_seed_corpus.zip" "${inputs[@]}"
# An input is a sequence of operations of fixed length: a dictionary of tokens would not help.
cp "$root/ci/oss-fuzz/persist_core.options" "$OUT/"
