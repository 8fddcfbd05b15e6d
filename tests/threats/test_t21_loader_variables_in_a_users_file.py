"""T21, the configuration's half: variables that load code come from the studio, never from a person's file."""

import pytest

from tests.support.configured import Machine

VARIABLES = [
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "LD_AUDIT",
    "ld_preload",
    "DYLD_INSERT_LIBRARIES",
    "PYTHONSTARTUP",
    "PYTHONPATH",
    "PYTHONHOME",
    "BASH_ENV",
    "ENV",
    "GCONV_PATH",
    "GTK_MODULES",
    "GTK3_MODULES",
    "GTK_3_MODULES",
    "QT_PLUGIN_PATH",
    "NODE_OPTIONS",
    "PERL5LIB",
    "RUBYOPT",
    "CORECLR_PROFILER",
    "_JAVA_OPTIONS",
    "JAVA_TOOL_OPTIONS",
    "ZDOTDIR",
    "LUA_INIT",
    "QT_QPA_PLATFORM_PLUGIN_PATH",
    "GST_PLUGIN_PATH_1_0",
    "VK_LAYER_PATH",
]


@pytest.mark.parametrize("grant", ["apps.*.env", "apps.blender", "apps.*.env.*"])
@pytest.mark.parametrize("variable", VARIABLES)
def test_a_loader_variable_in_a_persons_file_is_an_error_whatever_the_studio_allows(
    configured: Machine, variable: str, grant: str
) -> None:
    """Real: files on disk, the whole loader; the file is left out whole."""
    studio = f'[studio]\nusers_may = ["{grant}"]\n'
    user = f'[desk]\nbrowser = ["firefox"]\n[apps.blender]\nenv.{variable} = "/tmp/evil.so"\n'
    loaded = configured.write(studio, user=user).load()
    assert [str(problem).replace(f"{configured.home}/", "") for problem in loaded.problems] == [
        f"config/config.toml:4: apps.blender.env.{variable}: {variable} makes programs load other code; "
        "only the studio's file sets it",
        "config/config.toml: is left out whole until this is repaired",
    ]
    assert loaded.config.apps["blender"].env == {}
    assert loaded.config.desk.browser == ()


def test_a_loader_variable_without_a_grant_is_an_error_too(configured: Machine) -> None:
    """Real: files on disk."""
    assert configured.errors("", user='[apps.blender]\nenv.LD_PRELOAD = "/tmp/evil.so"\n') == [
        "config/config.toml:2: apps.blender.env.LD_PRELOAD: is not a person's to set; "
        "hers are apps.NAME.executable, desk, and what studio.users_may lists"
    ]


def test_in_an_actions_environment_it_is_an_error_as_well(configured: Machine) -> None:
    """Real: files on disk."""
    studio = '[studio]\nusers_may = ["actions.a"]\n[actions.a]\ntitle = "A"\nkind = "launch"\napp = "mpv"\n'
    assert configured.errors(studio, user='[actions.a.env]\nLD_PRELOAD = "/tmp/evil.so"\n') == [
        "config/config.toml:2: actions.a.env.LD_PRELOAD: LD_PRELOAD makes programs load other code; "
        "only the studio's file sets it"
    ]


@pytest.mark.parametrize("variable", VARIABLES)
def test_the_studio_may_set_it(configured: Machine, variable: str) -> None:
    """Real: files on disk."""
    loaded = configured.write(f'[apps.blender]\nenv.{variable} = "/opt/studio/lib"\n').load()
    assert loaded.problems == ()
    assert variable in loaded.config.apps["blender"].env
