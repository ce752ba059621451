#!/usr/bin/env bash
# Runs the encoding tests on a C twin that is compiled with the address and the undefined-behaviour sanitizer.
#
#     bash tests/encoding/sanitize.sh [python]
#
# It works on a copy of the package in a folder of its own; the package that is installed stays as it is. Without gcc
# or its sanitizer libraries it says so and ends with 77, which a caller can tell from a failure.
set -euo pipefail

python=${1:-${PYTHON:-python3}}
top=$(cd "$(dirname "$0")/../.." && pwd)
compiler=${CC:-gcc}

asan=$("$compiler" -print-file-name=libasan.so 2>/dev/null || true)
if [ ! -e "$asan" ]; then
    echo "not run: $compiler has no libasan here"
    exit 77
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/src"
cp -r "$top/src/smskit" "$work/src/"
find "$work/src" -name '_speedups*.so' -delete

include=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
suffix=$("$python" -c 'import sysconfig; print(sysconfig.get_config_var("EXT_SUFFIX"))')
cd "$top"
# Once as it is built for people, once without the wide registers that not every processor has.
for without in "" -DSMSKIT_NO_AVX2; do
    "$compiler" -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all $without \
        -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers -Werror \
        -shared -fPIC -I"$include" "$work/src/smskit/encoding/_speedups.c" \
        -o "$work/src/smskit/encoding/_speedups$suffix"
    # The interpreter itself keeps memory until its end, so leaks are looked for by test_nothing_leaks instead.
    env LD_PRELOAD="$asan" ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 UBSAN_OPTIONS=print_stacktrace=1 \
        PYTHONMALLOC=malloc PYTHONPATH="$work/src" SMSKIT_REQUIRE_EXTENSION=1 \
        "$python" -m pytest -q --capture=sys -p no:cacheprovider --import-mode=importlib \
        tests/encoding/test_twins.py tests/encoding/test_packing.py tests/encoding/test_measure.py \
        -k "not ten_million and not pure_python and not taken_where and not without_the and not made_fatal \
            and not needed and not subinterpreters"
done
