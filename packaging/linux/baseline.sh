#!/bin/bash
# A CPython that needs only glibc 2.28 (Rocky and RHEL 8, Debian 10, Ubuntu 20.04, and all later ones), for releases:
# a Debian 11 chroot, and the sources of OpenSSL, SQLite and Python that Debian publishes, built in it.
#
#   packaging/linux/baseline.sh CHROOT      makes CHROOT/opt/py313: about 6 minutes on two cores, 1.4 GB
#
# As root, on Debian 12 or later, amd64; apt-get install -y --no-install-recommends debootstrap binutils gpgv
# A finished CHROOT is left as it is, so that it can be kept for the next release; one of another version of this
# script is made anew. BASELINE_MIRROR=URL names another mirror of Debian than the one this machine uses.
#
# The libraries find each other by rpath in /opt. What is frozen in it with
#   LD_LIBRARY_PATH=/opt/ssl/lib:/opt/sq/lib /opt/py313/bin/python3.13 -m PyInstaller ...
# carries them along; packaging/linux/release.sh does that.
set -euo pipefail

usage() { sed -n '2,/^set /{/^set /d; s/^# \{0,1\}//; p}' "$0"; }
say() { printf '%s %s\n' "$(date +%T)" "$*" >&2; }
fail() { printf 'baseline.sh: %s\n' "$@" >&2; exit 1; }

case ${1-} in -h | --help) usage; exit 0 ;; esac
[ $# -eq 1 ] || { usage >&2; exit 2; }
[ "$(id -u)" -eq 0 ] || fail "A chroot is wanted, which only root can make." "next: sudo $0 $1"
for program in debootstrap objdump apt-get sha256sum; do
    command -v "$program" >/dev/null || fail "$program is not installed." \
        "next: apt-get install -y --no-install-recommends debootstrap binutils gpgv"
done

readonly BASELINE=2.28
root=$(realpath -m "$1")
done_file=$root/.kitsu-baseline
made_by=$(sha256sum <"$0")
if [ -e "$done_file" ] && [ "$(cat "$done_file")" = "$made_by" ]; then
    say "$root is finished already"
    exit 0
fi
case $root in /) fail "A folder of its own is wanted, not /." ;; esac
if [ -d "$root" ] && [ -n "$(ls -A "$root")" ] && [ ! -e "$done_file" ] && [ ! -e "$root/.kitsu-baseline-begun" ]; then
    fail "$root holds something that this script has not made." "next: name an empty folder, or one that is not there"
fi

mirror=${BASELINE_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Label: Debian' \
    'Created-By: Packages' | sort -u | head -1)}
mirror=${mirror%/}
[ -n "$mirror" ] || fail "No mirror of Debian is known here." "next: apt-get update, or BASELINE_MIRROR=URL"

base() {
    say "Debian 11"
    mkdir -p "$root"
    touch "$root/.kitsu-baseline-begun"
    [ -e "$root/.kitsu-baseline-base" ] || debootstrap --variant=minbase bullseye "$root" "$mirror" >"$root/debootstrap.out" ||
        { tail -5 "$root/debootstrap.out" >&2; fail "debootstrap could not make $root from $mirror."; }
    cp /etc/hosts /etc/resolv.conf "$root/etc/"
    chroot "$root" apt-get update -qq
    chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        gcc make libc6-dev zlib1g-dev libffi-dev libbz2-dev liblzma-dev uuid-dev perl tcl xz-utils binutils \
        ca-certificates >"$root/apt.out" 2>&1 || { tail -5 "$root/apt.out" >&2; fail "Compilers could not be installed."; }
    touch "$root/.kitsu-baseline-base"
}

# source_of SUITE PACKAGE...: the newest of it; apt checks the signature of Debian's archive
source_of() {
    local suite=$1 lists=$work/lists-$1
    shift
    mkdir -p "$lists/partial" "$root/src"
    echo "deb-src $mirror $suite main" >"$work/$suite.list"
    local options=(-qq -o Dir::Etc::sourcelist="$work/$suite.list" -o Dir::Etc::sourceparts=-
        -o Dir::State::lists="$lists" -o APT::Sandbox::User=root)
    apt-get "${options[@]}" update
    (cd "$root/src" && apt-get "${options[@]}" source --download-only "$@" >/dev/null)
}

unpack() { # FOLDER ARCHIVE
    [ -e "$2" ] || fail "The source that should be $2 was not found at $mirror."
    rm -rf "${root:?}/src/$1"
    mkdir "$root/src/$1"
    tar -xf "$2" -C "$root/src/$1" --strip-components=1
}

sources() {
    say "sources"
    rm -rf "$root/src"
    source_of bookworm openssl # OpenSSL 3.0
    source_of trixie python3.13 sqlite3
    unpack ssl "$(echo "$root"/src/openssl_*.orig.tar.gz)"
    unpack sq "$(echo "$root"/src/sqlite3_*.orig.tar.xz)"
    unpack py "$(echo "$root"/src/python3.13_*.orig.tar.xz)"
    # Debian 11 has glibc 2.31. These five are the only functions used here that got a newer version after 2.28 (in
    # 2.29); sem_clockwait (2.30) is switched off in configure.
    cat >"$root/src/glibc.h" <<'H'
#if defined(__x86_64__) && !defined(__ASSEMBLER__)
__asm__(".symver exp,exp@GLIBC_2.2.5");
__asm__(".symver log,log@GLIBC_2.2.5");
__asm__(".symver pow,pow@GLIBC_2.2.5");
__asm__(".symver exp2,exp2@GLIBC_2.2.5");
__asm__(".symver log2,log2@GLIBC_2.2.5");
#endif
H
}

build() { # FOLDER COMMANDS
    say "building $1"
    chroot "$root" env CFLAGS="-O2 -include /src/glibc.h" sh -ec "cd /src/$1; $2" >"$root/src/$1.log" 2>&1 ||
        { tail -20 "$root/src/$1.log" >&2; fail "$1 could not be built. All of it: $root/src/$1.log"; }
}

compile() {
    local cores
    cores=$(nproc)
    build ssl "./config --prefix=/opt/ssl --libdir=lib --openssldir=/etc/ssl shared no-tests
        make -s -j$cores build_libs; make -s install_dev"
    build sq "./configure --prefix=/opt/sq; make -s -j$cores; make -s install"
    build py "export PKG_CONFIG_PATH=/opt/sq/lib/pkgconfig ac_cv_func_sem_clockwait=no
        LDFLAGS='-L/opt/sq/lib -Wl,-rpath,/opt/py313/lib:/opt/ssl/lib:/opt/sq/lib' \
        CFLAGS=\"\$CFLAGS -I/opt/sq/include\" ./configure -q --prefix=/opt/py313 --enable-shared \
        --disable-test-modules --with-openssl=/opt/ssl --with-ensurepip=install
        make -s -j$cores; make -s install"
}

check() {
    say "looking at it"
    chroot "$root" /opt/py313/bin/python3.13 -c 'import bz2, ctypes, lzma, sqlite3, ssl, sys, uuid, zlib
print(sys.version.split()[0], ssl.OPENSSL_VERSION, sqlite3.sqlite_version)' >&2
    "$(dirname "$0")/needed-glibc.sh" "$root/opt" --at-most "$BASELINE" >&2
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -f "$done_file"
base
sources
compile
check
printf '%s\n' "$made_by" >"$done_file"
say "finished: $root/opt/py313/bin/python3.13"
