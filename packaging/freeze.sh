#!/bin/bash
# Freezes Kitsu Launcher for the system it runs on: one folder with two programs, which packages are made from.
#
#   packaging/freeze.sh OUT [--version V] [--python PYTHON]     makes OUT/kitsu-launcher
#
# From packaging/locked alone, each file checked by its hash, in an environment of its own that is thrown away.
# --version: what the program tells itself to be, instead of launcher.__version__. --python: the interpreter that goes
# into the folder (default: python3). Whatever stood at OUT/kitsu-launcher is replaced once the new folder is whole.
# SOURCE_DATE_EPOCH (default: of the last commit, else of the newest file) makes two builds the same, byte for byte.
# On Linux the folder also gets the licences of all that is in it, and a bill of materials (packaging/bundled.py).
# Needs: Python 3.11 or newer with venv; on Linux also binutils (objcopy, objdump, strip).
set -euo pipefail

usage() { sed -n '2,/^set /{/^set /d; s/^# \{0,1\}//; p}' "$0"; }
fail() { printf 'freeze.sh: %s\n' "$@" >&2; exit 1; }

out='' version='' python=python3
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --version | --python) [ $# -ge 2 ] || { usage >&2; exit 2; }; declare "${1#--}=$2"; shift 2 ;;
        -*) usage >&2; exit 2 ;;
        *) [ -z "$out" ] || { usage >&2; exit 2; }; out=$1; shift ;;
    esac
done
[ -n "$out" ] || { usage >&2; exit 2; }
"$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    fail "Python 3.11 or newer with venv is wanted; $python is none." "next: name another one by --python"
case $(uname -s) in
    Linux) system=linux ;;
    Darwin) system=macos ;;
    *) fail "This is neither Linux nor macOS." "next: for Windows, packaging/windows/build.sh" ;;
esac

if [ "$system" = linux ]; then
    for program in objcopy objdump strip; do
        command -v "$program" >/dev/null || fail "$program is wanted, and was not found." "next: apt-get install binutils"
    done
fi

mkdir -p "$out"
out=$(cd "$out" && pwd)
cd "$(dirname "$0")/.."
if [ -z "${SOURCE_DATE_EPOCH-}" ]; then
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null) || SOURCE_DATE_EPOCH=$("$python" -c '
import pathlib
print(max(int(path.stat().st_mtime) for path in pathlib.Path("launcher").rglob("*.py")))')
fi
export SOURCE_DATE_EPOCH PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1 PYSTRAY_BACKEND=dummy

work=$(mktemp -d "$out/.freeze-XXXXXX")
trap 'rm -rf "$work"' EXIT
export PYINSTALLER_CONFIG_DIR=$work/cache # nothing of an earlier build comes into this one
"$python" -m venv "$work/venv"
pip=("$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes)
"${pip[@]}" --only-binary :all: -r packaging/locked/build.txt
"${pip[@]}" --only-binary :all: -r "packaging/locked/$system.txt"
"$work/venv/bin/python" -P -m PyInstaller --noconfirm --log-level=ERROR --distpath "$work/dist" --workpath "$work/build" \
    launcher.spec ${version:+-- --version "$version"}
made=$work/dist/kitsu-launcher
[ "$system" = linux ] || made="$work/dist/Kitsu Launcher.app"
programs=$made
[ "$system" = linux ] || programs=$made/Contents/MacOS
told=$("$programs/kitsu-launcher" --version) || fail "The frozen program does not start."
if [ "$system" = linux ]; then "$work/venv/bin/python" packaging/bundled.py "$made" "${told#* }"; fi
rm -rf "${out:?}/$(basename "$made")"
mv "$made" "$out/"
printf '%s\n' "$out/$(basename "$made")"
