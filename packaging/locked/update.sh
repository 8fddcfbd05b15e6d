#!/bin/bash
# Pins what the frozen builds hold and are made with: build.txt, linux.txt, windows.txt and macos.txt beside this script.
#
#   packaging/locked/update.sh [PACKAGE...]   the newest of everything, or of these only; all else stays as it is
#
# From pyproject.toml: the dependencies, the extra "freeze" and what builds a package. Every file of a version has its
# hash in there, so one lock serves each processor and each Python from 3.11 on. Versions younger than COOLING_DAYS
# (default 7) are left alone: what is wrong with a release is mostly found in its first days.
# Needs: uv, and a way to the package index. Writes nothing unless all four files could be made and installed from.
set -euo pipefail

case "${1:-}" in -h | --help) sed -n '2,9p' "$0" | sed 's/^# \{0,1\}//'; exit 0 ;; -*) sed -n '2,9p' "$0" >&2; exit 2 ;; esac
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
command -v uv >/dev/null || { echo "update.sh wanted uv, and found none; next: pip install uv" >&2; exit 1; }

declare -A MARKERS=([linux]="sys_platform == 'linux'" [windows]="sys_platform == 'win32'" [macos]="sys_platform == 'darwin'")
declare -A PLATFORMS=(
    [linux]="x86_64-manylinux_2_28" # the C library of Rocky 8, on which releases are built
    [windows]="x86_64-pc-windows-msvc"
    [macos]="aarch64-apple-darwin x86_64-apple-darwin"
)
PYTHONS="3.11 3.12 3.13"
# A package that has no wheels for Intel Macs any more stays at its last version that has, there alone.
BOTH_MACS="required-environments = [\"sys_platform == 'darwin' and platform_machine == 'arm64'\",
    \"sys_platform == 'darwin' and platform_machine == 'x86_64'\"]"
newest_day=$(date -u -d "-${COOLING_DAYS:-7} days" +%Y-%m-%dT00:00:00Z)
upgrade=(--upgrade)
if [ $# -gt 0 ]; then upgrade=("${@/#/--upgrade-package=}"); fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/launcher"
cp "$top/launcher/__init__.py" "$work/launcher/"
cp "$top/README.md" "$top/LICENSE" "$work/"

compile() { # NAME SOURCE ARGUMENT...: NAME.txt from SOURCE, starting from the pins that stand in it now
    local name=$1 source=$2
    shift 2
    if [ -e "$here/$name.txt" ]; then cp "$here/$name.txt" "$work/$name.txt"; fi
    (cd "$work" && uv pip compile --quiet --no-header --generate-hashes --exclude-newer "$newest_day" --only-binary :all: \
        --universal --python-version 3.11 "${upgrade[@]}" --output-file "$name.txt" "$@" "$source")
    {
        printf '# Made by packaging/locked/update.sh from pyproject.toml; change that, and run it again.\n'
        # A file is for one system: that it is one goes without saying on each line.
        sed -e "s/ and ${MARKERS[$name]:-nothing}\( \|$\)/\1/" -e "s/ ; ${MARKERS[$name]:-nothing}\( \|$\)/\1/" "$work/$name.txt"
    } >"$work/$name.new"
}

python3 - "$top/pyproject.toml" >"$work/build.in" <<'PYTHON'
import sys
import tomllib

with open(sys.argv[1], "rb") as file:
    print(*tomllib.load(file)["build-system"]["requires"], "pip", sep="\n")
PYTHON
compile build build.in
for system in "${!MARKERS[@]}"; do
    {
        cat "$top/pyproject.toml"
        printf '[tool.uv]\nenvironments = ["%s"]\n' "${MARKERS[$system]}"
        if [ "$system" = macos ]; then printf '%s\n' "$BOTH_MACS"; fi
    } >"$work/pyproject.toml"
    compile "$system" pyproject.toml --extra freeze
    for platform in ${PLATFORMS[$system]}; do
        for python in $PYTHONS; do # each is a wheel here, or the build would need a compiler that nobody has
            uv pip install --quiet --no-config --dry-run --target "$work/nowhere" --require-hashes --only-binary :all: \
                --python-platform "$platform" --python-version "$python" --requirement "$work/$system.new" ||
                { echo "$system.txt cannot be installed for $platform, Python $python; nothing was changed" >&2; exit 1; }
        done
    done
done
for name in build "${!MARKERS[@]}"; do mv "$work/$name.new" "$here/$name.txt"; done
