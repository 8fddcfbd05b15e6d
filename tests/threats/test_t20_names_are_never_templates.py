"""T20: templates in names of Kitsu: a value that is filled in is never parsed again, and never an object."""

from dataclasses import replace

import pytest

from launcher.config.schema import EnvChange
from launcher.config.template import TemplateError, parse
from launcher.model import OS, Start
from launcher.plan.names import names
from launcher.plan.naming import path, search, text, url
from tests.support.planned import OPEN, PERSON, SHOT, configured, data, machine, named, planned
from tests.support.sample import SampleStudio

PAYLOADS = [
    "{project.__class__}",
    "{roots.prod}",
    "{{",
    "}}",
    "${HOME}",
    "{x:999999999}",
    "%(name)s",
    "%s",
    "{0}",
    "$HOME",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_template_in_a_name_stays_as_it_is(payload: str) -> None:
    """Real: every way that a template is filled in."""
    values = names(named(SHOT, payload), PERSON, "s", {"prod": "/mnt/prod"})
    clean = payload.replace(":", "_")

    assert text(parse("{entity.name}"), values) == payload
    assert path(parse("{roots.prod}/{entity.name}"), values, OS.LINUX).name == clean
    assert "{" not in url(parse("https://x.example/{entity.name}"), values)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_template_in_a_name_reaches_arguments_and_variables_verbatim(payload: str) -> None:
    """Real: a whole plan."""
    action = replace(
        OPEN,
        file=None,
        args=(parse("--title={entity.name}"),),
        env={"TITLE": EnvChange(set=parse("{entity.name}"))},
    )
    task = named(SHOT, payload)

    start = planned(action, task, config=configured(action), facts=machine(action, task)).steps[-1]

    assert isinstance(start, Start)
    assert (start.argv[1], start.env["TITLE"]) == (f"--title={payload}", payload)


def test_a_revision_in_a_name_is_no_pattern() -> None:
    """Real: what is looked for."""
    values = names(named(SHOT, "{revision}"), PERSON, "s", {"prod": "/mnt/prod"})

    assert search(parse("{roots.prod}/{entity.name}_v{revision}"), values, OS.LINUX).parts == (
        r"\{revision\}_v(?P<revision>[0-9]{1,18})",
    )


def test_a_name_in_kitsus_metadata_is_only_a_name() -> None:
    """Real: keys that would be attributes of an object."""
    values = names(data(**{"__class__": "x", "keys": "y"}), PERSON, "s", {})

    assert text(parse("{entity.data.__class__} {entity.data.keys}"), values) == "x y"


@pytest.mark.parametrize(
    "template", ["{project.__class__}", "{entity.data}", "{x:999999999}", "{entity.name!r}", "{0}"]
)
def test_no_template_reaches_an_attribute(template: str) -> None:
    """Real: the parser."""
    with pytest.raises(TemplateError):
        parse(template)


def test_names_stay_literal_at_a_whole_daemon(sample_studio: SampleStudio) -> None:
    """Real: daemon, sample Kitsu, disk, processes that write down what they are given."""
    for payload in PAYLOADS:
        task = sample_studio.shot(payload)
        opened = sample_studio.clicked(sample_studio.form("open", task))
        titled = sample_studio.clicked(sample_studio.form("title", task))

        assert opened["processes"][0]["file"].endswith(f"/{payload.replace(':', '_')}_v001.txt"), opened
        assert titled["processes"][0]["argv"][1:] == [f"--title={payload}"]

    titles = [note["env"]["SHOT_TITLE"] for note in sample_studio.notes() if "SHOT_TITLE" in note["env"]]
    assert sorted(titles) == sorted(PAYLOADS)
    assert {note["env"]["KITSU_SHOT"] for note in sample_studio.notes()} == set(PAYLOADS)
