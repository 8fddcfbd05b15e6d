"""T20, the configuration's half: a template is no program. What it may name is a list, and all else is an error."""

import pytest

from tests.support.configured import Machine


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{project.__class__}", "Unknown name 'project.__class__' in "),
        ("{project.__class__.__mro__}", "Unknown name 'project.__class__.__mro__' in "),
        ("{entity.data}", "Unknown name 'entity.data' in "),
        ("{roots.}", "{roots.} in "),
        ("{roots.other}", 'unknown root "other"; known: prod'),
        ("{{project.name}}", "A brace without its partner in "),
        ("{{", "A brace without its partner in "),
        ("}", "A brace without its partner in "),
        ("${HOME}", "{HOME} in "),
        ("{}", "{} in "),
        ("{0}", "{0} in "),
        ("{project.name!r}", "{project.name!r} in "),
        ("{project.name:>9}", "Unknown format '>9' in "),
        ("{frame_in:999999999}", "Unknown format '999999999' in "),
        ("{frame_in:065}", "Unknown format '065' in "),
        ("{frame_in:٣}", "Unknown format '٣' in "),
        ("{project.name|eval}", "Unknown filter 'eval' in "),
        ("{project.name|or}", "Unknown filter 'or' in "),
        ("{project.name|or:os.environ}", "Unknown name 'os.environ' in "),
        ("{project[name]}", "{project[name]} in "),
        ("{revision}", '{revision} is only in "file" and "new_file"'),
    ],
)
@pytest.mark.parametrize("key", ["args", "env.X"])
def test_a_template_that_is_more_than_names_is_an_error_with_its_line(
    configured: Machine, key: str, template: str, told: str
) -> None:
    """Real: files on disk, the whole loader; nothing of the file counts."""
    value = f'["{template}"]' if key == "args" else f'"{template}"'
    studio = (
        '[roots]\nprod = { linux = "/mnt/prod" }\n[actions.a]\ntitle = "A"\nkind = "launch"\napp = "mpv"\n'
        f"{key} = {value}\n"
    )
    (error,) = configured.errors(studio)
    assert error.startswith(f"machine/studio.toml:7: actions.a.{key}: {told}")
    assert configured.load().config.actions == {}


@pytest.mark.parametrize("text", ["$HOME", "`id`", "$(id)", "%s", "%(x)s", "a;b", "\\\\x", "~", "<img>"])
def test_what_other_languages_would_read_stays_as_it_is_written(configured: Machine, text: str) -> None:
    """Real: files on disk."""
    loaded = configured.write(f'[apps.mpv]\nargs = ["{text}"]\n').load()
    assert loaded.problems == ()
    (argument,) = loaded.config.apps["mpv"].args
    assert argument.parts == (text.replace("\\\\", "\\"),)
