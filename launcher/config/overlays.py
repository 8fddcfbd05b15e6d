"""The layers of one studio file: its own tables, those of a production, those of a machine, and a person's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from launcher.config.merge import Layer, Raw, without
from launcher.config.problems import Fault, KeyPath, shown, unknown
from launcher.model import OS, Project
from launcher.words import _

SECTIONS = ("studio", "roots", "apps", "actions")
OF_PROJECTS = ("roots", "apps", "actions")
MATCHES = ("hostname", "os")


@dataclass(frozen=True, slots=True)
class Stack:
    """Every layer that may count on this machine."""

    base: tuple[Layer, ...] = ()
    """The catalogue, then the studio file's own tables."""
    projects: Mapping[str, Layer] = field(default_factory=dict)
    """`[projects.NAME]`, by name, code or id of the production."""
    machines: tuple[Layer, ...] = ()
    """`[[machines]]` that match this machine."""
    others: tuple[Layer, ...] = ()
    """`[[machines]]` that do not; they are only checked."""
    person: Layer | None = None
    """The person's own file, as far as it is laid over."""

    def layers(self, projects: Sequence[str] = ()) -> tuple[Layer, ...]:
        """The layers for a production, lowest first. What the production sets, the person's file does not."""
        over = tuple(self.projects[name] for name in projects)
        layers = (*self.base, *over, *self.machines)
        if not self.person:
            return layers
        table = self.person.table
        for layer in over:
            table = without(table, layer.table)
        return (*layers, Layer(self.person.file, table, self.person.prefix, self.person.text))

    def of(self, project: Project) -> tuple[str, ...]:
        """Which `[projects.NAME]` are about a production."""
        return tuple(name for name in self.projects if name and name in (project.id, project.name, project.code))


def stack(file: str, text: bytes, table: Raw, os: OS, hostname: str) -> tuple[Stack, list[Fault]]:
    """The layers of a studio file, and what is wrong with how they are written. The catalogue goes below them."""
    faults = list(_unknown_tables(table))
    own: Raw = {key: value for key, value in table.items() if key in SECTIONS}
    projects: dict[str, Layer] = {}
    for name, over in _tables(table, "projects", faults):
        path: KeyPath = ("projects", name)
        faults.extend(_only(over, OF_PROJECTS, path))
        projects[name] = Layer(file, _kept(over, OF_PROJECTS), path, text)
    machines: list[Layer] = []
    others: list[Layer] = []
    for i, over in _machines(table, faults):
        path = ("machines", i)
        faults.extend(_only(over, (*SECTIONS, "match"), path))
        faults.extend(_wrong_match(over.get("match"), path))
        layer = Layer(file, _kept(over, SECTIONS), path, text)
        (machines if _matches(over.get("match"), os, hostname) else others).append(layer)
    return Stack((Layer(file, own, (), text),), projects, tuple(machines), tuple(others)), faults


def _unknown_tables(table: Raw) -> Iterator[Fault]:
    for key in table:
        if key == "desk":
            yield Fault(("desk",), _("belongs to each person: it goes into her own config.toml"))
        elif key not in (*SECTIONS, "projects", "machines"):
            yield Fault((), unknown(_("table"), key, (*SECTIONS, "projects", "machines")), (key,))


def _tables(table: Raw, section: str, faults: list[Fault]) -> Iterator[tuple[str, Raw]]:
    value = table.get(section, {})
    if not isinstance(value, dict):
        faults.append(Fault((section,), _("must be a table")))
        return
    for name, inner in value.items():
        if isinstance(inner, dict):
            yield name, inner
        else:
            faults.append(Fault((section, name), _("must be a table")))


def _machines(table: Raw, faults: list[Fault]) -> Iterator[tuple[int, Raw]]:
    value = table.get("machines", [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        faults.append(Fault(("machines",), _("must be written as [[machines]]")))
        return
    yield from enumerate(value)


def _kept(table: Raw, sections: Sequence[str]) -> Raw:
    return {key: value for key, value in table.items() if key in sections}


def _only(table: Raw, sections: Sequence[str], path: KeyPath) -> Iterator[Fault]:
    for key in table:
        if key not in sections:
            yield Fault(path, unknown(_("key"), key, sections), (*path, key))


def _wrong_match(match: object, path: KeyPath) -> Iterator[Fault]:
    if not isinstance(match, dict) or not match:
        yield Fault(path, _('needs match = { hostname = "…", os = "…" }, or one of the two'), (*path, "match"))
        return
    here = (*path, "match")
    for key, value in match.items():
        if key not in MATCHES:
            yield Fault(here, unknown(_("key"), key, MATCHES), (*here, key))
        elif not isinstance(value, str):
            yield Fault((*here, key), _("must be text in quotes, not {value}", value=shown(value)))
        elif key == "os" and value not in tuple(OS):
            yield Fault((*here, key), unknown(_("OS"), value, tuple(OS), list_all=True))


def _matches(match: object, os: OS, hostname: str) -> bool:
    """Whether all that is asked holds; a name without a domain also matches the host's short name."""
    if not isinstance(match, dict) or not match:
        return False
    host, pattern = hostname.lower(), match.get("hostname", "*")
    named = isinstance(pattern, str) and any(fnmatchcase(h, pattern.lower()) for h in (host, host.split(".")[0]))
    return named and match.get("os", os) == os
