"""Runs inside Blender 2.93 and later: a new scene gets the task's settings, every window shows the task.

All it knows comes from the JSON file that KITSU_CONTEXT names. Whatever goes wrong is one line in the log: Blender
and the scene come first.
"""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import bpy  # type: ignore[import-not-found]  # inside Blender alone

EVERY_S = 2.0
"""Blender writes its own title whenever the file changes; there is no call to be told of it."""


def settings_of(scene: Any, task: dict[str, Any]) -> None:
    """Frame range, frames per second and resolution, as far as Kitsu has them."""
    first, last = task.get("frame_in"), task.get("frame_out")
    if first is not None and last is not None:
        # The first one first: Blender moves the other end along when the two would cross.
        scene.frame_start = first
        scene.frame_end = last
        scene.frame_set(first)
    if task.get("fps"):
        scene.render.fps, scene.render.fps_base = fps_and_base(task["fps"])
    if task.get("resolution"):
        scene.render.resolution_x = task["resolution"]["width"]
        scene.render.resolution_y = task["resolution"]["height"]
        scene.render.resolution_percentage = 100


def fps_and_base(fps: float) -> tuple[int, float]:
    """Blender's pair of a whole number and a divisor: 23.976 is 24 / 1.001, as its own presets have it."""
    whole = max(1, round(fps))
    if abs(fps - whole) < 1e-6:
        return whole, 1.0
    if abs(fps - whole / 1.001) < 0.005:
        return whole, 1.001
    return whole, whole / fps


def save_new(path: str) -> None:
    """Save the scene under a name that is still free; a file that is there already is never touched."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    except FileExistsError:
        return
    files = bpy.context.preferences.filepaths
    versions, files.save_version = files.save_version, 0  # else our empty placeholder would become a .blend1
    try:
        bpy.ops.wm.save_as_mainfile(filepath=path)
    except BaseException:  # whatever it is, no half of a file stays
        os.unlink(path)
        raise
    finally:
        files.save_version = versions


def titled(label: str, title: str) -> str:
    """Blender's own title with the task before it."""
    return title if title.startswith(label) else f"{label} · {title}"


class X11:
    """The titles of this process's windows on an X display, changed over a connection of our own."""

    def __init__(self) -> None:
        name = ctypes.util.find_library("X11") or "libX11.so.6"
        self.x = ctypes.CDLL(name)
        for function in ("XOpenDisplay", "XDefaultRootWindow", "XInternAtom", "XSetErrorHandler"):
            getattr(self.x, function).restype = ctypes.c_void_p
        self.x.XOpenDisplay.argtypes = [ctypes.c_char_p]
        pointer = self.x.XOpenDisplay(None)
        if not pointer:
            raise OSError("no X display")
        self.display = ctypes.c_void_p(pointer)
        self.root = ctypes.c_ulong(self.x.XDefaultRootWindow(self.display))
        # A window may close between two calls, and Xlib's own handler of errors would end Blender.
        self.ignore = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(lambda display, error: 0)

    def atom(self, name: str) -> ctypes.c_ulong:
        return ctypes.c_ulong(self.x.XInternAtom(self.display, name.encode(), False))

    def read(self, window: int, name: str, kind: type[Any]) -> list[Any]:
        """The items of one property; nothing if the window has none."""
        actual, bits, count, after = ctypes.c_ulong(), ctypes.c_int(), ctypes.c_ulong(), ctypes.c_ulong()
        data = ctypes.POINTER(kind)()
        filled = [ctypes.byref(one) for one in (actual, bits, count, after, data)]
        window_id, any_type = ctypes.c_ulong(window), ctypes.c_ulong(0)
        start, longest = ctypes.c_long(0), ctypes.c_long(4096)
        self.x.XGetWindowProperty(self.display, window_id, self.atom(name), start, longest, False, any_type, *filled)
        items = data[: count.value] if data else []
        if data:
            self.x.XFree(data)
        return list(items)

    def children(self, window: int) -> list[int]:
        """The windows directly within one."""
        root, parent, count = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_uint()
        data = ctypes.POINTER(ctypes.c_ulong)()
        filled = [ctypes.byref(one) for one in (root, parent, data, count)]
        self.x.XQueryTree(self.display, ctypes.c_ulong(window), *filled)
        items = data[: count.value] if data else []
        if data:
            self.x.XFree(data)
        return list(items)

    def own_windows(self) -> Iterator[int]:
        """Those that a window manager lists, or else the root's children, which carry our process id."""
        root = self.root.value
        for window in self.read(root, "_NET_CLIENT_LIST", ctypes.c_ulong) or self.children(root):
            if self.read(window, "_NET_WM_PID", ctypes.c_ulong) == [os.getpid()]:
                yield window

    def show(self, label: str) -> None:
        """Put the task before the title of each window that does not have it yet."""
        before = self.x.XSetErrorHandler(self.ignore)
        try:
            for window in self.own_windows():
                title = bytes(self.read(window, "_NET_WM_NAME", ctypes.c_ubyte)).decode("utf-8", "replace")
                if titled(label, title) != title:
                    self.rename(window, titled(label, title))
            self.x.XSync(self.display, False)
        finally:
            self.x.XSetErrorHandler(ctypes.c_void_p(before))

    def rename(self, window: int, title: str) -> None:
        text, utf8 = title.encode(), self.atom("UTF8_STRING")
        for name in ("_NET_WM_NAME", "_NET_WM_ICON_NAME", "WM_NAME"):
            self.x.XChangeProperty(self.display, ctypes.c_ulong(window), self.atom(name), utf8, 8, 0, text, len(text))


def show_in_titles(label: str) -> None:
    """Keep the task in the title of every window: Blender has no setting for it, and writes its own.

    On X11 only: a Wayland window cannot be renamed from outside Blender's own code.
    """
    clean = "".join(letter if letter.isprintable() else " " for letter in label)
    show = X11().show

    def again() -> float | None:
        try:
            show(clean)
        except Exception as error:  # whatever happens in a timer must not reach the artist
            print(f"kitsu-launcher: the window's title stays as it is: {error}", file=sys.stderr)
            return None
        return EVERY_S

    # persistent: it goes on after another file is opened in this Blender, whose task is still this one.
    bpy.app.timers.register(again, first_interval=0.1, persistent=True)


@contextlib.contextmanager
def one_line(what: str) -> Iterator[None]:
    """Say in one line what did not work, and go on."""
    try:
        yield
    except Exception as error:  # Blender and the scene come first
        print(f"kitsu-launcher: {what}: {error}", file=sys.stderr)


def main() -> None:
    """Read the context and do what it asks for."""
    with open(os.environ["KITSU_CONTEXT"], encoding="utf-8") as file:
        context = json.load(file)
    task = context.get("task") or {}
    if context.get("new"):
        with one_line("the new scene keeps Blender's own settings"):
            settings_of(bpy.context.scene, task)
        if context.get("file"):
            with one_line(f"{context['file']!r} was not saved"):
                save_new(context["file"])
    if task and sys.platform == "linux" and not bpy.app.background:
        with one_line("the window's title stays as it is"):
            show_in_titles(f"{task['label']} – {task['project']['name']}")


with one_line("the task is not known"):
    main()
