#!/bin/bash -eu
# OSS-Fuzz's script serves ClusterFuzzLite too.
exec "$SRC/persist/ci/oss-fuzz/build.sh"
