#!/bin/bash
# Makes the Linux packages: deb, rpm and tar.gz, a bill of what is in them, and SHA256SUMS of all.
#
#   packaging/linux/build.sh OUT [--frozen FOLDER] [--version V] [--python PYTHON] [--only deb|rpm|tar]
#
# --frozen: what packaging/freeze.sh has made; without it that is done first (--python is its interpreter, and writes
# the manual). --version: of a frozen folder that is of another version than the sources.
# The same frozen folder makes the same packages, byte for byte. SOURCE_DATE_EPOCH is as in freeze.sh.
# Needs: Debian 12 or later, amd64; apt-get install -y --no-install-recommends binutils rpm xz-utils; for --frozen
# a --python that has what the program needs (the one of a virtual environment it is installed into).
set -euo pipefail

usage() { sed -n '2,/^set /{/^set /d; s/^# \{0,1\}//; p}' "$0"; }
fail() { printf 'build.sh: %s\n' "$@" >&2; exit 1; }

out='' frozen='' version='' python=python3 only=''
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --frozen | --version | --python | --only) [ $# -ge 2 ] || { usage >&2; exit 2; }; declare "${1#--}=$2"; shift 2 ;;
        -*) usage >&2; exit 2 ;;
        *) [ -z "$out" ] || { usage >&2; exit 2; }; out=$1; shift ;;
    esac
done
[ -n "$out" ] || { usage >&2; exit 2; }
wanted() { [ -z "$only" ] || [ "$only" = "$1" ]; }
case $only in '' | deb | rpm | tar) ;; *) usage >&2; exit 2 ;; esac
for program in dpkg-deb rpmbuild objdump xz; do
    command -v "$program" >/dev/null || fail "$program is not installed." \
        "next: apt-get install -y --no-install-recommends binutils rpm xz-utils"
done
mkdir -p "$out"
out=$(cd "$out" && pwd)
if [ -n "$frozen" ]; then
    [ -x "$frozen/kitsu-launcher" ] || fail "$frozen holds no kitsu-launcher." "next: packaging/freeze.sh OUT"
    frozen=$(cd "$frozen" && pwd)
fi
python=$(command -v "$python") || fail "There is no $python here."
cd "$(dirname "$0")/../.."
here=packaging/linux
if [ -z "${SOURCE_DATE_EPOCH-}" ]; then
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null) ||
        SOURCE_DATE_EPOCH=$(find launcher -name '*.py' -printf '%Ts\n' | sort -n | tail -1)
fi
export SOURCE_DATE_EPOCH PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8 TZ=UTC
umask 022

work=$(mktemp -d "$out/.build-XXXXXX")
trap 'rm -rf "$work"' EXIT
if [ -z "$frozen" ]; then
    packaging/freeze.sh "$work/frozen" --python "$python" ${version:+--version "$version"} >/dev/null
    frozen=$work/frozen/kitsu-launcher
fi
told=$("$frozen/kitsu-launcher" --version | awk '{print $2}')
[ "${version:-$told}" = "$told" ] || fail "The frozen program says it is $told, and $version is wanted."
version=$told
glibc=$("$here/needed-glibc.sh" "$frozen")

# -- the files, as they will lie on the workstation --------------------------------------------------------------------
root=$work/root
put() { install -D -m "${3:-644}" "$1" "$root$2"; }
mkdir -p "$root/opt" "$root/usr/bin" "$root/usr/lib/systemd/user/graphical-session.target.wants"
cp -a "$frozen" "$root/opt/kitsu-launcher"
find "$root/opt/kitsu-launcher" -type f -exec chmod 644 {} + -o -type d -exec chmod 755 {} +
chmod 755 "$root/opt/kitsu-launcher/kitsu-launcher" "$root/opt/kitsu-launcher/kitsu-launcher-url"
ln -s /opt/kitsu-launcher/kitsu-launcher "$root/usr/bin/kitsu-launcher"
put "$here/kitsu-launcher.desktop" /usr/share/applications/kitsu-launcher.desktop
put "$here/kitsu-launcher-url.desktop" /usr/share/applications/kitsu-launcher-url.desktop
put "$here/autostart.desktop" /etc/xdg/autostart/kitsu-launcher.desktop
put "$here/kitsu-launcher.service" /usr/lib/systemd/user/kitsu-launcher.service
ln -s ../kitsu-launcher.service "$root/usr/lib/systemd/user/graphical-session.target.wants/kitsu-launcher.service"
"$python" packaging/icons.py hicolor "$root/usr/share/icons/hicolor"
"$python" "$here/describe.py" "$work/told"
gzip -9n "$work/told/kitsu-launcher.1"
put "$work/told/kitsu-launcher.1.gz" /usr/share/man/man1/kitsu-launcher.1.gz
put "$work/told/kitsu-launcher.bash" /usr/share/bash-completion/completions/kitsu-launcher
put "$work/told/kitsu-launcher.fish" /usr/share/fish/vendor_completions.d/kitsu-launcher.fish
doc=/usr/share/doc/kitsu-launcher
{ cat "$here/deb/copyright"; tail -n +3 LICENSE | sed 's/^$/./; s/^/ /'; } >"$work/copyright"
put "$work/copyright" $doc/copyright
ln -s "/opt/kitsu-launcher/$version/THIRD-PARTY-LICENCES.txt" "$root$doc/THIRD-PARTY-LICENCES.txt"
gzip -9nc CHANGELOG.md >"$work/changelog.gz"
put "$work/changelog.gz" $doc/changelog.gz

# -- tar.gz: the folder alone; its first start registers it where it is -------------------------------------------------
make_tar() {
    tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -C "$root/opt" \
        --transform "s,^kitsu-launcher,kitsu-launcher-$version," -cf - kitsu-launcher |
        gzip -9n >"$work/kitsu-launcher-$version-linux-x86_64.tar.gz"
}

# -- rpm ---------------------------------------------------------------------------------------------------------------
make_rpm() {
    cp -a "$root" "$work/rpmroot"
    install -D -m 644 "$work/told/kitsu-launcher.zsh" "$work/rpmroot/usr/share/zsh/site-functions/_kitsu-launcher"
    (cd "$work/rpmroot" && find opt/kitsu-launcher -mindepth 0 -type d -printf '%%dir /%p\n' &&
        find . \( -type f -o -type l \) -printf '/%P\n' | sed 's,^/etc/,%config(noreplace) /etc/,') |
        sort | sed 's/^\(%[^ ]* \)\?\(.*\)$/\1"\2"/' >"$work/files"
    sed -e "s/@VERSION@/$version/" -e "s/@GLIBC@/$glibc/" -e "/@FILES@/{r $work/files
d}" "$here/kitsu-launcher.spec.in" >"$work/kitsu-launcher.spec"
    rpmbuild -bb --quiet --target x86_64 --buildroot "$work/rpmroot" --define "_topdir $work/rpm" \
        --define "_rpmdir $work" --define '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' \
        "$work/kitsu-launcher.spec" >"$work/rpmbuild.out" 2>&1 || { tail -20 "$work/rpmbuild.out" >&2; fail "rpmbuild failed."; }
}

# -- deb ---------------------------------------------------------------------------------------------------------------
make_deb() {
    put "$work/told/kitsu-launcher.zsh" /usr/share/zsh/vendor-completions/_kitsu-launcher
    mkdir "$root/DEBIAN"
    install -m 755 "$here/deb/preinst" "$here/deb/postinst" "$here/deb/prerm" "$here/deb/postrm" "$root/DEBIAN/"
    printf '/etc/xdg/autostart/kitsu-launcher.desktop\n' >"$root/DEBIAN/conffiles"
    (cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
    cat >"$root/DEBIAN/control" <<CONTROL
Package: kitsu-launcher
Version: $version
Architecture: amd64
Maintainer: The Kitsu Launcher authors <maintainers@kitsu-launcher.example>
Installed-Size: $(du -sk --apparent-size "$root" | cut -f1)
Depends: libc6 (>= $glibc)
Recommends: xdg-utils, desktop-file-utils
Section: graphics
Priority: optional
Description: open the right application on the right file by a click in Kitsu
 A tray program that answers the custom actions of Kitsu, the tracker of
 animation and VFX studios: it opens the artist's application on the task's
 file, with the task's context.
CONTROL
    find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
    dpkg-deb --root-owner-group -Zxz --build "$root" "$work/kitsu-launcher_${version}_amd64.deb" >/dev/null
}

for kind in tar rpm deb; do if wanted $kind; then "make_$kind"; fi; done
shopt -s nullglob
cp "$frozen/$version/sbom.cdx.json" "$work/kitsu-launcher-$version-linux.cdx.json"
made=("$work"/*.deb "$work"/*.rpm "$work"/*.tar.gz "$work"/*.cdx.json)
(cd "$work" && sha256sum "${made[@]##*/}" >SHA256SUMS)
mv "${made[@]}" "$work/SHA256SUMS" "$out/"
for file in "${made[@]##*/}"; do printf '%s\n' "$out/$file"; done
