"""The tray's menu as `com.canonical.dbusmenu` has it: numbers, properties, layout. Pure."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from launcher.system import Item

ROOT = 0
MOST_NUMBERS = 10_000
Properties: TypeAlias = dict[str, tuple[str, Any]]
"""By name, each a D-Bus variant: signature and value."""
Layout: TypeAlias = tuple[int, Properties, list[tuple[str, Any]]]


@dataclass(frozen=True, slots=True)
class Node:
    """One item with its number."""

    item: Item
    children: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs from the menu before, as little as possible: LXQt closes a menu of which all is told anew."""

    parents: tuple[int, ...] = ()
    """Those whose lists are others; none of them is below another."""
    updated: tuple[tuple[int, Properties], ...] = ()
    """Items that stay where they are, with their new properties."""
    removed: tuple[tuple[int, list[str]], ...] = ()
    """Items that stay, with the names of properties that they have no more."""

    def __bool__(self) -> bool:
        return bool(self.parents or self.updated or self.removed)


class Menu:
    """One menu. An item keeps its number as long as it stays: a menu that is open goes on to mean what it shows."""

    def __init__(self) -> None:
        self.revision = 0
        self._items: tuple[Item, ...] = ()
        self._numbers: dict[tuple[object, ...], int] = {}
        self._last = ROOT
        self._nodes = {ROOT: Node(Item(""), ())}
        self._ids: dict[int, str] = {}

    def show(self, items: tuple[Item, ...]) -> Changes:
        """Let these be the menu's items; what that changed."""
        if items == self._items:
            return Changes()
        if len(self._numbers) > MOST_NUMBERS:  # of weeks; a menu that is open just now shows old numbers
            self._numbers.clear()
        self._items, self.revision = items, self.revision + 1
        nodes: dict[int, Node] = {}
        nodes[ROOT] = Node(Item(""), self._add(items, (), nodes))
        before, self._nodes = self._nodes, nodes
        self._ids.update((number, node.item.id) for number, node in nodes.items())
        return _changes(before, nodes)

    def _add(self, items: Iterable[Item], above: tuple[object, ...], nodes: dict[int, Node]) -> tuple[int, ...]:
        numbers: list[int] = []
        seen: dict[tuple[object, ...], int] = {}
        for item in items:
            key = (*above, item.id or item.text)
            seen[key] = twin = seen.get(key, 0) + 1
            key = (*key, twin)
            if key not in self._numbers:
                self._last += 1
                self._numbers[key] = self._last
            number = self._numbers[key]
            nodes[number] = Node(item, self._add(item.items, key, nodes))
            numbers.append(number)
        return tuple(numbers)

    def layout(self, number: int, depth: int, names: Container[str]) -> Layout | None:
        """An item with what is below it, `depth` levels deep, -1 for all; None where there is no such item."""
        node = self._nodes.get(number)
        if node is None:
            return None
        below = [self.layout(child, depth - 1, names) for child in node.children] if depth else []
        return number, self._properties(number, names), [("(ia{sv}av)", child) for child in below if child]

    def properties(self, numbers: Iterable[int], names: Container[str]) -> list[tuple[int, Properties]]:
        """Those of several items, of all where none is named."""
        wanted = list(numbers) or list(self._nodes)
        return [(number, self._properties(number, names)) for number in wanted if number in self._nodes]

    def _properties(self, number: int, names: Container[str]) -> Properties:
        found = properties(self._nodes[number].item) if number else {"children-display": ("s", "submenu")}
        return {name: value for name, value in found.items() if name in names} if names else found

    def pressed(self, number: int) -> str:
        """The id of what is pressed, also of an item that has left since; empty where nothing is."""
        return self._ids.get(number, "")


def _changes(before: Mapping[int, Node], now: Mapping[int, Node]) -> Changes:
    parents: list[int] = []
    updated: list[tuple[int, Properties]] = []
    removed: list[tuple[int, list[str]]] = []

    def compare(number: int) -> None:
        if number:
            old, new = properties(before[number].item), properties(now[number].item)
            if other := {name: value for name, value in new.items() if old.get(name) != value}:
                updated.append((number, other))
            if gone := [name for name in old if name not in new]:
                removed.append((number, gone))
        if before[number].children != now[number].children:
            parents.append(number)
            return
        for child in now[number].children:
            compare(child)

    compare(ROOT)
    return Changes(tuple(parents), tuple(updated), tuple(removed))


def properties(item: Item) -> Properties:
    """What differs from the protocol's defaults."""
    if not item.text:
        return {"type": ("s", "separator")}
    found: Properties = {"label": ("s", item.text.replace("_", "__"))}  # one alone would mark a key
    if item.items:
        found["children-display"] = ("s", "submenu")
    elif not item.id:
        found["enabled"] = ("b", False)
    if item.checked is not None:
        found |= {"toggle-type": ("s", "checkmark"), "toggle-state": ("i", int(item.checked))}
    return found
