"""The icon in a plain X11 system tray (trayer, stalonetray, i3bar…): a small window that the tray takes in.

Such trays have no menus: a click opens the dashboard. One connection, used by the tray's thread alone: pystray's own
backend reads one from two threads, and hangs for ever after some thousand changes.
"""

import contextlib
import logging
from typing import Any

import Xlib.display
import Xlib.error
from PIL import Image
from Xlib import X
from Xlib.protocol import event

from launcher import icon
from launcher.system import TrayView

DOCK = 0
MAPPED = (0, 1)
"""Version of XEMBED, and the wish to be shown."""
BEHIND = "#2d2d2d"
"""Colour behind the icon where the tray's own cannot be seen through."""
SMALLEST = 22
GONE = (OSError, Xlib.error.ConnectionClosedError)
"""Raised by everything here when the display has ended."""
log = logging.getLogger("launcher.tray")


class XTray:
    """The icon, in whatever tray owns the screen's selection."""

    def __init__(self, view: TrayView, default: str) -> None:
        """`default` is pressed by a click. Raises: OSError, Xlib.error.DisplayError where there is no display."""
        self._display = Xlib.display.Display()
        self._view, self._default = view, default
        self._screen = self._display.screen()
        self._shown = (view.sign(), view.title())
        self._window: Any = None
        self._tray: Any = None
        name = f"_NET_SYSTEM_TRAY_S{self._display.get_default_screen()}"
        self._selection, self._manager, self._opcode, self._xembed, self._name, self._utf8 = (
            self._display.intern_atom(atom)
            for atom in (name, "MANAGER", "_NET_SYSTEM_TRAY_OPCODE", "_XEMBED_INFO", "_NET_WM_NAME", "UTF8_STRING")
        )
        # What a tray breaks on our connection is nothing to die of, nor to be printed.
        self._display.set_error_handler(lambda error, request: log.debug("x error=%r", str(error)))
        self._screen.root.change_attributes(event_mask=X.StructureNotifyMask)
        self._display.sync()

    def fileno(self) -> int:
        return int(self._display.fileno())

    def close(self) -> None:
        """Leave the screen."""
        with contextlib.suppress(*GONE):
            self._display.close()

    # -- the tray ----------------------------------------------------------------------------------------------------
    def owned(self) -> bool:
        """Whether there is a tray now."""
        return bool(self._display.get_selection_owner(self._selection) != X.NONE)

    def dock(self) -> None:
        """Ask the tray to take the icon in; without a tray nothing happens."""
        if self._window or not self.owned():
            return
        self._tray = self._display.get_selection_owner(self._selection)
        self._tray.change_attributes(event_mask=X.StructureNotifyMask)
        self._window = self._new_window()
        self._write_title()
        ask = (X.CurrentTime, DOCK, self._window.id, 0, 0)
        message = event.ClientMessage(window=self._tray, client_type=self._opcode, data=(32, ask))
        self._tray.send_event(message, event_mask=X.NoEventMask)
        self._display.flush()
        log.info("tray host=X11")

    def leave(self) -> None:
        """Take the icon out of the tray."""
        if self._window:
            self._window.destroy()
            self._display.flush()
            self._window = self._tray = None

    def _new_window(self) -> Any:
        window = self._screen.root.create_window(
            -1,
            -1,
            SMALLEST,
            SMALLEST,
            0,
            self._screen.root_depth,
            event_mask=X.ExposureMask | X.StructureNotifyMask | X.ButtonPressMask,
        )
        window.set_wm_class("kitsu-launcher", "Kitsu Launcher")
        window.set_wm_normal_hints(flags=1 << 4, min_width=SMALLEST, min_height=SMALLEST)
        window.change_property(self._xembed, self._xembed, 32, MAPPED)
        return window

    # -- what comes in -----------------------------------------------------------------------------------------------
    def read(self) -> bool:
        """Deal with all that has arrived; whether a tray came that may be asked."""
        came = False
        while self._display.pending_events():
            came = self._take(self._display.next_event()) or came
        return came

    def _take(self, event: Any) -> bool:
        if event.type == X.ClientMessage and event.client_type == self._manager:
            return bool(event.data[1][1] == self._selection)
        if event.type == X.DestroyNotify and self._tray and event.window.id == self._tray.id:
            # The tray is gone; X gives our window back to the root, or took it along.
            self.leave()
            return True
        if self._window and getattr(event, "window", None) and event.window.id == self._window.id:
            if event.type == X.ButtonPress and event.detail in (1, 3):
                self._view.press(self._default)
            elif event.type == X.ReparentNotify:
                self._see_through(event.parent)
            elif event.type in (X.Expose, X.ConfigureNotify):
                self._paint()
        return False

    # -- what goes out -----------------------------------------------------------------------------------------------
    def look(self) -> None:
        """Show what is new."""
        before, self._shown = self._shown, (self._view.sign(), self._view.title())
        if self._window and self._shown != before:
            self._write_title()
            self._paint()

    def _write_title(self) -> None:
        title = self._shown[1].encode()
        self._window.change_property(self._name, self._utf8, 8, title)
        self._window.set_wm_name("Kitsu Launcher")

    def _see_through(self, parent: Any) -> None:
        """Let the tray's own background be that of the icon; X allows it between windows of the same depth."""
        with contextlib.suppress(Xlib.error.XError):
            if parent.get_geometry().depth == self._screen.root_depth:
                self._window.change_attributes(background_pixmap=X.ParentRelative)

    def _paint(self) -> None:
        with contextlib.suppress(Xlib.error.XError):  # the window may have been destroyed with its tray
            shape = self._window.get_geometry()
            size = min(shape.width, shape.height)
            drawn = icon.draw(self._shown[0], size)
            whole = self._behind(shape.width, shape.height)
            whole.paste(drawn, ((shape.width - size) // 2, (shape.height - size) // 2), drawn)
            pixels = whole.tobytes("raw", "BGRX")
            pen = self._window.create_gc()
            depth = self._screen.root_depth
            self._window.put_image(pen, 0, 0, shape.width, shape.height, X.ZPixmap, depth, 0, pixels)
            pen.free()
            self._display.flush()

    def _behind(self, width: int, height: int) -> Image.Image:
        """What the tray shows where the icon is transparent."""
        try:
            self._window.clear_area(0, 0, width, height, False)
            seen = self._window.get_image(0, 0, width, height, X.ZPixmap, 0xFFFFFFFF)
            return Image.frombytes("RGB", (width, height), seen.data, "raw", "BGRX")
        except (Xlib.error.XError, ValueError):  # not on the screen, or pixels of another form than today's
            return Image.new("RGB", (width, height), BEHIND)
