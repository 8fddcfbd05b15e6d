#!/bin/bash
# Which glibc the files of a folder need: the highest GLIBC_x.y that any program or library in it asks for.
#
#   packaging/linux/needed-glibc.sh FOLDER                     prints it: 2.36
#   packaging/linux/needed-glibc.sh FOLDER --at-most 2.28      and ends with 1, naming the files, if one wants more
#
# Needs objdump: apt-get install -y binutils
set -euo pipefail

usage() { sed -n '2,/^set /{/^set /d; s/^# \{0,1\}//; p}' "$0"; }
fail() { printf 'needed-glibc.sh: %s\n' "$@" >&2; exit 1; }

case ${1-} in -h | --help) usage; exit 0 ;; esac
case $#/${2-} in 1/ | 3/--at-most) ;; *) usage >&2; exit 2 ;; esac
command -v objdump >/dev/null || fail "objdump is not installed." "next: apt-get install -y binutils"
[ -d "$1" ] || fail "$1 is no folder."

# FILE VERSION, for each ELF file
asked() {
    local file
    while IFS= read -r -d '' file; do
        case $(head -c4 "$file" | tr -d '\0') in *ELF) ;; *) continue ;; esac
        { objdump -T "$file" 2>/dev/null || true; } | grep -oE 'GLIBC_2\.[0-9]+' | sort -u -t. -k2n | tail -1 |
            sed "s|^GLIBC_|${file//|/\\|}	|" || true
    done < <(find "$1" -type f -size +0 -print0)
}

found=$(asked "$1")
highest=$(printf '%s\n' "$found" | cut -f2 | sort -t. -k2n | tail -1)
[ -n "$highest" ] || fail "No program in $1 asks for a glibc: this is no frozen folder."
if [ $# -eq 3 ] && [ "$(printf '%s\n' "$highest" "$3" | sort -V | tail -1)" != "$3" ]; then
    printf '%s\n' "$found" | while IFS=$'\t' read -r file version; do
        if [ "$(printf '%s\n' "$version" "$3" | sort -V | tail -1)" != "$3" ]; then echo "$file needs glibc $version"; fi
    done >&2
    fail "glibc $3 should be enough, but $highest is needed." "next: build in the chroot of packaging/linux/baseline.sh"
fi
echo "$highest"
