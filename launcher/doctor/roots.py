"""Whether the studio's roots are mounted: what `facts` finds at a click."""

from collections.abc import Mapping

from launcher.config.schema import Root
from launcher.doctor.finding import Finding, bad, good
from launcher.model import OS
from launcher.plan.needs import RootState
from launcher.words import _


def here(roots: Mapping[str, Root], os: OS) -> tuple[str, ...]:
    """The roots that have a path on this OS."""
    return tuple(name for name, root in roots.items() if root.on(os))


def judge(roots: Mapping[str, Root], states: Mapping[str, RootState]) -> list[Finding]:
    """One finding for each root that is away, or one for all."""
    away = [(name, state) for name, state in states.items() if not state.present]
    if not away:
        mounted = [f"{name}: {state.path}" for name, state in states.items()]
        return [good("roots", _("All roots are there."), mounted)] if mounted else []
    return [
        bad(
            "roots",
            _("The root {name} is not there: {path} {why}.", name=name, path=str(state.path), why=state.why),
            _("Mount it, or ask IT. Nothing is made in its place."),
            (_("its marker is {marker}", marker=roots[name].marker),) if roots[name].marker else (),
        )
        for name, state in away
    ]
