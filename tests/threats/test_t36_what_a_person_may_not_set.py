"""T36: a person's own file with keys that are the studio's, whatever the studio lets her set. By every way in."""

import pytest

from tests.support.configured import Machine

STUDIO = """\
[studio]
users_may = ["apps.*", "roots.*", "actions.*"]
[roots.p]
linux = "/mnt/p"
[apps.tool]
executable = "/opt/tool"
[actions.a]
title = "A"
kind = "launch"
app = "tool"
file = "{roots.p}/{entity.name}_v{revision}.x"
"""
NEVER = {
    "batch": "[apps.tool]\nbatch = true",
    "script": '[apps.tool]\nscript = "blender.py"',
    "run_scripts": "[roots.p]\nrun_scripts = true",
    "before": '[actions.a]\nbefore = ["{roots.p}/evil"]',
    "before, as a table": '[[actions.a.before]]\nrun = ["{roots.p}/evil"]',
    "when": '[[actions.a.when]]\ntask_types = ["Animation"]\nbefore = ["{roots.p}/evil"]',
    "a loader's variable": '[apps.tool]\nenv.LD_PRELOAD = "/tmp/evil.so"',
    "one in small letters": '[actions.a]\nenv.ld_preload = "/tmp/evil.so"',
    "one that is prepended to": '[actions.a.env.PYTHONPATH]\nprepend = "/tmp/evil"',
}
ELSEWHERE = {
    "productions": '[projects.P.apps.tool]\nwrap = ["/tmp/evil"]',
    "machines": '[[machines]]\nmatch = { os = "linux" }\napps.tool.wrap = ["/tmp/evil"]',
    "the studio's table": '[studio]\nusers_may = ["apps.*"]\nservers = ["https://evil.test"]',
    "an empty one": "[studio]\n",
}
UNGRANTED = {
    "wrap": '[apps.tool]\nwrap = ["/tmp/evil"]',
    "argv": '[apps.tool]\nargv = ["--script=/tmp/x", "{file}"]',
    "find": '[apps.tool]\nfind.linux = ["/tmp/{version}/x"]',
    "check": '[apps.tool]\ncheck = { args = ["-c"], prints = "x {version}" }',
    "no_scripts": "[apps.tool]\nno_scripts = []",
    "also": '[roots.p]\nalso = ["/tmp"]',
    "inside": '[actions.a]\ninside = "x.y"',
    "workspace": '[actions.a]\nworkspace = "{roots.p}/w"',
    "file": '[actions.a]\nfile = "{roots.p}/evil_v{revision}.x"',
    "a new action": '[actions.evil]\ntitle = "Evil"\nkind = "launch"\napp = "tool"',
    "notes": "[roots.p]\nnotes = false",
}


def left_out(machine: Machine, studio: str, hers: str) -> list[str]:
    """What is told of her file, which counts nowhere; what counts is the studio's alone."""
    alone = machine.write(studio).load().config
    loaded = machine.write(studio, user=hers + "\n").load()
    assert loaded.config == alone
    return [problem.text for problem in loaded.problems if not problem.warning]


@pytest.mark.parametrize("way", NEVER)
def test_what_decides_which_code_runs_is_the_studios_whatever_it_grants(configured: Machine, way: str) -> None:
    """Real: files on disk; the studio grants everything that can be granted."""
    assert left_out(configured, STUDIO, NEVER[way])


@pytest.mark.parametrize("way", ELSEWHERE)
def test_a_person_has_no_layers_of_her_own(configured: Machine, way: str) -> None:
    """Real: files on disk; as above."""
    assert left_out(configured, STUDIO, ELSEWHERE[way])


@pytest.mark.parametrize("way", UNGRANTED)
def test_what_is_not_granted_is_not_hers(configured: Machine, way: str) -> None:
    """Real: files on disk; the studio grants other keys."""
    studio = STUDIO.replace('["apps.*", "roots.*", "actions.*"]', '["apps.tool.args", "actions.a.args", "roots.q.*"]')
    assert left_out(configured, studio, UNGRANTED[way])


@pytest.mark.parametrize(
    "grant", ["*", "studio.*", "studio.users_may", "projects.*", "machines.*", "desk.*", "apps.*.when"]
)
def test_no_grant_opens_those_ways(configured: Machine, grant: str) -> None:
    """Real: the studio file's own error, with its line."""
    studio = STUDIO.replace('["apps.*", "roots.*", "actions.*"]', f'["{grant}"]')
    problems = configured.write(studio).load().problems
    assert [problem.line for problem in problems if problem.key.startswith("studio.users_may")] == [2]
