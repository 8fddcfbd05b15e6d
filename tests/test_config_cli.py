"""`config check|show|init|where`, as somebody types them: a process of its own, with files in a home of its own."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.config import starter
from launcher.config.load import ConfigError
from tests.support.configured import DESIGNED, KEY, Machine

PROGRAM = (
    "import argparse, sys; from launcher.cli import config; from launcher.errors import LauncherError\n"
    "parser = argparse.ArgumentParser(prog='kitsu-launcher'); config.add(parser.add_subparsers())\n"
    "args = parser.parse_args()\n"
    "try: sys.exit(args.func(args))\n"
    "except LauncherError as error: print(error, file=sys.stderr); sys.exit(error.exit_code)\n"
)


def run(machine: Machine, *args: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """`kitsu-launcher config …`; the folder of the test is left out of what it prints."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("KITSU_LAUNCHER_")}
    env |= {"KITSU_LAUNCHER_HOME": str(machine.home), "KITSU_LAUNCHER_KEY": KEY, **environ}
    done = subprocess.run([sys.executable, "-c", PROGRAM, "config", *args], env=env, capture_output=True, text=True)
    done.stdout = done.stdout.replace(f"{machine.home}/", "")
    done.stderr = done.stderr.replace(f"{machine.home}/", "")
    return done


def test_check_says_that_a_right_file_is_right(configured: Machine) -> None:
    """Real: a process; and no last good copy is made by only looking."""
    done = run(configured.write(DESIGNED), "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "machine/studio.toml is right: 1 action, 36 applications, 1 root.\n"
    assert not configured.last_good.exists()


def test_check_names_the_persons_file_too(configured: Machine) -> None:
    """Real: a process."""
    done = run(configured.write(DESIGNED, user="[desk]\nbrowser = ['firefox']\n"), "check")
    assert done.stdout == ("machine/studio.toml and config/config.toml are right: 1 action, 36 applications, 1 root.\n")


def test_check_tells_every_error_and_exits_with_2(configured: Machine) -> None:
    """Real: a process."""
    configured.write(
        '[studio]\nnmae = "x"\n[apps.blender]\nvresion = "4"\n'
        '[actions.review]\ntitle = "R"\nkind = "launch"\napp = "rvv"\n'
    )
    done = run(configured, "check")
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout == (
        'machine/studio.toml:2: studio: unknown key "nmae"; did you mean "name"?\n'
        'machine/studio.toml:4: apps.blender: unknown key "vresion"; did you mean "version"?\n'
        'machine/studio.toml:8: actions.review.app: unknown application "rvv"; '
        'did you mean "rv"?\n'
        "3 errors.\n"
    )


def test_check_for_programs(configured: Machine) -> None:
    """Real: a process."""
    done = run(configured.write("[studio]\nport = 1\n"), "check", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout) == {
        "errors": 1,
        "problems": [
            {
                "file": "machine/studio.toml",
                "line": 2,
                "key": "studio.port",
                "text": "must be from 1024 to 65535, not 1",
                "warning": False,
            }
        ],
    }


def test_a_warning_is_no_error(configured: Machine) -> None:
    """Real: a process, and the file's mode."""
    configured.write(DESIGNED).studio_file.chmod(0o666)
    done = run(configured, "check")
    assert done.returncode == 0
    assert done.stdout == (
        "machine/studio.toml: everybody on this machine may change it; chmod o-w it\n"
        "machine/studio.toml is right: 1 action, 36 applications, 1 root.\n"
    )


def test_without_a_studio_file_check_says_what_to_do(configured: Machine) -> None:
    """Real: a process."""
    done = run(configured, "check")
    assert done.returncode == 2
    assert done.stdout == (
        "machine/studio.toml: there is no studio file, nor config/studio.toml; "
        "kitsu-launcher config init writes a first one\n1 error.\n"
    )


def test_show_prints_each_value_with_its_origin_and_no_secret(configured: Machine) -> None:
    """Real: a process."""
    configured.write(
        DESIGNED + '[apps.mpv]\nenv.LICENSE_KEY = "hunter2"\n', user="[apps.mpv]\nexecutable = '/opt/mpv'\n"
    )
    done = run(configured, "show")
    assert (done.returncode, done.stderr) == (0, "")
    *printed, empty, rest = done.stdout.splitlines()
    lines = [line.split("  # ") for line in printed]
    shown = {text.strip(): origin for text, origin in lines}
    assert shown['studio.name = "Lunar Pictures"'] == "machine/studio.toml:2"
    assert shown['studio.keys = ["env:KITSU_LAUNCHER_KEY"]'] == "machine/studio.toml:4"
    assert shown["studio.port = 24517"] == "built in"
    assert shown["roots.prod.run_scripts = false"] == "machine/studio.toml:9"
    assert shown['apps.blender.title = "Blender"'] == "catalogue"
    assert shown['apps.blender.env.PATH = { prepend = "{roots.prod}/bin" }'] == "machine/studio.toml:14"
    assert shown['apps.mpv.env.LICENSE_KEY = "…"'] == "machine/studio.toml:35"
    assert shown['apps.mpv.user_executable = "/opt/mpv"'] == "config/config.toml:2"
    assert shown['actions.open-in-blender.kind = "launch"'] == "machine/studio.toml:18"
    assert (
        shown[
            'studio.servers = [{ origins = ["https://kitsu.lunar.example"], api = "https://kitsu.lunar.example/api" }]'
        ]
        == "machine/studio.toml:3"
    )
    assert shown["actions.open-in-blender.limit = 5"] == "built in"
    assert KEY not in done.stdout
    assert "hunter2" not in done.stdout
    assert done.stdout.startswith('studio.name = "Lunar Pictures"')
    assert not any(text.startswith("apps.maya.") for text in shown)
    everything = run(configured, "show", "--all").stdout.splitlines()
    assert any(text.startswith('apps.maya.title = "Maya"') for text in everything)
    left = len(everything) - len(printed)
    assert (empty, rest) == (
        "",
        f"{left} values more are the catalogue's; `kitsu-launcher config show --all` prints them.",
    )


def test_show_for_one_production_and_for_programs(configured: Machine) -> None:
    """Real: a process."""
    done = run(configured.write(DESIGNED), "show", "--project", "Big Buck Bunny", "--json")
    rows = {row["key"]: row for row in json.loads(done.stdout)}
    assert rows["apps.blender.version"] == {
        "key": "apps.blender.version",
        "value": "==3.6.*",
        "file": "machine/studio.toml",
        "line": 29,
    }


def test_where_prints_every_file_that_was_looked_at(configured: Machine) -> None:
    """Real: a process."""
    configured.write(DESIGNED, user="x")
    done = run(configured, "where")
    assert done.returncode == 0
    assert done.stdout == (
        "machine    -       machine/machine.toml  (missing)\n"
        "studio     counts  machine/studio.toml\n"
        "studio     -       config/studio.toml  (an earlier one counts)\n"
        "user       -       config/config.toml  (broken)\n"
    )
    assert json.loads(run(configured, "where", "--json").stdout)[1] == {
        "layer": "studio",
        "path": "machine/studio.toml",
        "counts": True,
        "note": "",
    }


def test_init_writes_a_file_that_loads_and_a_key_that_only_this_user_reads(configured: Machine) -> None:
    """Real: a process, the files on disk, and the loader on what was written."""
    done = run(configured, "init")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "Wrote machine/studio.toml\n"
        "  and machine/studio.key, which everybody who clicks must be able to read; now only you can.\n"
        "Next:\n"
        "  1. put the address of your Kitsu into servers\n"
        "  2. kitsu-launcher config check\n"
        "  3. kitsu-launcher login\n"
        "  4. kitsu-launcher actions publish\n"
    )
    key = configured.studio_file.with_suffix(".key")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    loaded = configured.load()
    assert loaded.problems == ()
    assert loaded.config.studio.keys == (key.read_text().strip(),)
    assert len(loaded.config.studio.keys[0]) >= 128 / 6
    assert list(loaded.config.actions) == ["debug"]


def test_the_parts_that_are_commented_out_load_as_well(configured: Machine) -> None:
    """Real: the loader. A newcomer takes the marks away and it works."""
    run(configured, "init")
    text = configured.studio_file.read_text()
    uncommented = "\n".join(
        line.removeprefix("# ") if line.startswith("# ") and not line.startswith(("# The studio", "# `kitsu")) else line
        for line in text.splitlines()
    )
    loaded = configured.write(uncommented).load()
    assert loaded.problems == ()
    assert list(loaded.config.actions) == ["open-in-blender", "open-folder", "debug"]


def test_two_first_files_have_different_keys(tmp_path: Path) -> None:
    """Real: files on disk."""
    first, second = (starter.write(tmp_path / name).read_text() for name in ("a.toml", "b.toml"))
    assert first != second


def test_init_never_overwrites(configured: Machine) -> None:
    """Real: a process. A key that lies there already is kept, and a second studio file is not begun elsewhere."""
    configured.write("# mine\n")
    done = run(configured, "init")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "There is a studio file already: machine/studio.toml\n"
        "  next   Change that one; kitsu-launcher config check tells every error in it.\n"
    )
    assert run(configured, "init", str(configured.studio_file)).returncode == 2
    assert configured.studio_file.read_text() == "# mine\n"
    assert not configured.studio_file.with_suffix(".key").exists()


def test_init_somewhere_else_says_how_it_is_found(configured: Machine) -> None:
    """Real: a process."""
    done = run(configured, "init", str(configured.home / "elsewhere" / "lunar.toml"))
    assert "  0. export KITSU_LAUNCHER_CONFIG=elsewhere/lunar.toml,\n" in done.stdout
    assert (
        f'     or write studio = "{configured.home}/elsewhere/lunar.toml" into machine/machine.toml\n'.replace(
            f"{configured.home}/", ""
        )
        in done.stdout
    )
    configured.environ["KITSU_LAUNCHER_CONFIG"] = str(configured.home / "elsewhere" / "lunar.toml")
    assert configured.load().problems == ()


def test_init_writes_where_the_variable_points(configured: Machine) -> None:
    """Real: a process."""
    path = configured.home / "named.toml"
    done = run(configured, "init", "--json", KITSU_LAUNCHER_CONFIG=str(path))
    assert json.loads(done.stdout) == {"studio": "named.toml", "key": "named.key", "counts": True}
    assert path.exists()


def test_init_that_cannot_write_says_where_and_why(configured: Machine) -> None:
    """Real: a process; a file stands where a folder should be."""
    (configured.home / "file").write_text("")
    done = run(configured, "init", str(configured.home / "file" / "studio.toml"))
    assert done.returncode == 2
    assert done.stderr.startswith("file/studio.toml cannot be written.\n  tried  [Errno ")
    assert done.stderr.endswith("\n  next   Name another place: kitsu-launcher config init PATH.\n")


def test_init_does_not_follow_a_link_that_waits_there(configured: Machine, tmp_path: Path) -> None:
    """Real: a dangling link in the studio file's place."""
    link = tmp_path / "studio.toml"
    link.symlink_to(tmp_path / "target")
    with pytest.raises(ConfigError):
        starter.write(link)
    assert not (tmp_path / "target").exists()


def test_config_alone_says_which_commands_there_are(configured: Machine) -> None:
    """Real: a process."""
    done = run(configured)
    assert done.returncode == 2
    assert "COMMAND" in done.stderr
