"""The icon as a StatusNotifierItem on the session's bus: KDE, XFCE, LXQt, GNOME with its extension, and others.

One connection, asked and answered by the tray's thread alone; nothing here waits for an answer. Spoken by jeepney:
libraries of the desktop would cost 80 MB and change the environment of every application that is started.
"""

import logging
import os
from collections.abc import Callable
from typing import Any

from jeepney import DBusAddress, HeaderFields, Message, MessageType, new_error, new_method_call, new_method_return
from jeepney import new_signal as signal_of
from jeepney.io.blocking import open_dbus_connection

from launcher import icon
from launcher.system import TrayView
from launcher.system.linux.dbusmenu import Menu

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM, ITEM_PATH = "org.kde.StatusNotifierItem", "/StatusNotifierItem"
MENU, MENU_PATH = "com.canonical.dbusmenu", "/MenuBar"
PROPERTIES = "org.freedesktop.DBus.Properties"
BUS = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
SIZES = (16, 22, 24, 32, 44, 48, 64)
"""Pixels, of panels of all heights and of screens with twice as many: the host takes the nearest."""
log = logging.getLogger("launcher.tray")


class Notifier:
    """The icon and its menu, offered to whatever panel there is."""

    def __init__(self, view: TrayView, default: str) -> None:
        """`default` is pressed by a click on the icon itself. Raises: OSError, KeyError where there is no bus."""
        self._bus = open_dbus_connection(session_bus())
        self._view, self._default = view, default
        self._menu = Menu()
        self._menu.show(view.menu())
        self._shown = (view.sign(), view.title())
        self._name = f"{ITEM}-{os.getpid()}-1"
        self._replies: dict[int, Callable[[Message], None]] = {}
        self.shown = False
        """Whether a panel has taken it."""
        rule = f"type='signal',sender='{BUS.bus_name}',member='NameOwnerChanged',arg0='{WATCHER}'"
        self._call(BUS, "RequestName", "su", (self._name, 4))
        self._call(BUS, "AddMatch", "s", (rule,))
        self._call(BUS, "NameHasOwner", "s", (WATCHER,), lambda reply: self._watched(bool(reply.body[0])))

    def fileno(self) -> int:
        return int(self._bus.sock.fileno())

    def close(self) -> None:
        """Leave the bus: the panel removes the icon."""
        self._bus.close()

    # -- what comes in -----------------------------------------------------------------------------------------------
    def read(self) -> None:
        """Deal with all that has arrived. Raises: OSError when the bus is gone."""
        while True:
            try:
                message = self._bus.receive(timeout=0)
            except TimeoutError:
                return
            self._take(message)

    def _take(self, message: Message) -> None:
        fields = message.header.fields
        match message.header.message_type:
            case MessageType.method_call:
                self._bus.send(self._answer(message))
            case MessageType.signal if fields.get(HeaderFields.member) == "NameOwnerChanged":
                self._watched(bool(message.body[2]))
            case MessageType.method_return | MessageType.error:
                then = self._replies.pop(fields[HeaderFields.reply_serial], None)
                if then and message.header.message_type is MessageType.method_return:
                    then(message)
            case _:
                pass

    def _watched(self, there: bool) -> None:
        """A panel came, or the one that showed the icon is gone."""
        self.shown = there
        if there:
            log.info("tray host=StatusNotifierItem")
            address = DBusAddress("/StatusNotifierWatcher", WATCHER, WATCHER)
            self._call(address, "RegisterStatusNotifierItem", "s", (self._name,))

    def _answer(self, call: Message) -> Message:
        fields = call.header.fields
        member, path = fields[HeaderFields.member], fields[HeaderFields.path]
        if fields.get(HeaderFields.interface) == PROPERTIES:
            return self._property(call, member, path)
        answers = self._menu_method if path == MENU_PATH else self._item_method
        answer = answers(member, call.body)
        if answer is None:
            return new_error(call, "org.freedesktop.DBus.Error.UnknownMethod", "s", (f"unknown: {member}",))
        return new_method_return(call, *answer)

    def _property(self, call: Message, member: str, path: str) -> Message:
        found = self._menu_properties() if path == MENU_PATH else self._item_properties()
        if member == "GetAll":
            return new_method_return(call, "a{sv}", (found,))
        if member == "Get" and call.body[1] in found:
            return new_method_return(call, "v", (found[call.body[1]],))
        return new_error(call, "org.freedesktop.DBus.Error.UnknownProperty", "s", ("no such property",))

    # -- the icon ----------------------------------------------------------------------------------------------------
    def _item_properties(self) -> dict[str, tuple[str, Any]]:
        sign, title = self._shown
        pixels = [(size, size, icon.argb(sign, size)) for size in SIZES]
        return {
            "Category": ("s", "ApplicationStatus"),
            "Id": ("s", "kitsu-launcher"),
            "Title": ("s", "Kitsu Launcher"),
            "Status": ("s", "Active"),
            "WindowId": ("i", 0),
            "IconName": ("s", ""),
            "IconPixmap": ("a(iiay)", pixels),
            "OverlayIconName": ("s", ""),
            "OverlayIconPixmap": ("a(iiay)", []),
            "AttentionIconName": ("s", ""),
            "AttentionIconPixmap": ("a(iiay)", []),
            "AttentionMovieName": ("s", ""),
            "ToolTip": ("(sa(iiay)ss)", ("", [], title, "")),
            "ItemIsMenu": ("b", False),
            "IconThemePath": ("s", ""),
            "Menu": ("o", MENU_PATH),
        }

    def _item_method(self, member: str, body: tuple[Any, ...]) -> tuple[Any, ...] | None:
        if member in ("Activate", "SecondaryActivate"):
            self._view.press(self._default)
        elif member not in ("ContextMenu", "Scroll", "ProvideXdgActivationToken"):
            return None
        return ()

    # -- the menu ----------------------------------------------------------------------------------------------------
    def _menu_properties(self) -> dict[str, tuple[str, Any]]:
        return {
            "Version": ("u", 3),
            "TextDirection": ("s", "ltr"),
            "Status": ("s", "normal"),
            "IconThemePath": ("as", []),
        }

    def _menu_method(self, member: str, body: tuple[Any, ...]) -> tuple[Any, ...] | None:
        match member, body:
            case "GetLayout", (int(number), int(depth), names):
                layout = self._menu.layout(number, depth, names) or (number, {}, [])
                return "u(ia{sv}av)", (self._menu.revision, layout)
            case "GetGroupProperties", (numbers, names):
                return "a(ia{sv})", (self._menu.properties(numbers, names),)
            case "GetProperty", (int(number), str(name)):
                found = dict(self._menu.properties([number], [name])).get(number, {})
                return "v", (found.get(name, ("s", "")),)
            case "Event", (int(number), str(what), *_):
                self._event(number, what)
                return ()
            case "EventGroup", (events,):
                for number, what, *_ in events:
                    self._event(number, what)
                return "ai", ([],)
            case "AboutToShow", (int(number),):
                self._event(number, "opened")
                return "b", (self.look(),)
            case "AboutToShowGroup", (numbers,):
                for number in numbers:
                    self._event(number, "opened")
                return "aiai", ([], [])
            case _:
                return None

    def _event(self, number: int, what: str) -> None:
        if what == "clicked" and (pressed := self._menu.pressed(number)):
            self._view.press(pressed)
        elif what == "opened" and number == 0:
            self._view.press("opened")

    # -- what goes out -----------------------------------------------------------------------------------------------
    def look(self) -> bool:
        """Tell the panel what is new; whether the menu is."""
        before, self._shown = self._shown, (self._view.sign(), self._view.title())
        changes = self._menu.show(self._view.menu())
        if self._shown[0] is not before[0]:
            self._tell(ITEM_PATH, ITEM, "NewIcon")
        if self._shown[1] != before[1]:
            self._tell(ITEM_PATH, ITEM, "NewToolTip")
        if changes.updated or changes.removed:
            body = (list(changes.updated), list(changes.removed))
            self._tell(MENU_PATH, MENU, "ItemsPropertiesUpdated", "a(ia{sv})a(ias)", body)
        for parent in changes.parents:
            self._tell(MENU_PATH, MENU, "LayoutUpdated", "ui", (self._menu.revision, parent))
        return bool(changes)

    def _tell(self, path: str, interface: str, member: str, signature: str | None = None, body: Any = ()) -> None:
        self._bus.send(signal_of(DBusAddress(path, interface=interface), member, signature, body))

    def _call(
        self,
        address: DBusAddress,
        method: str,
        signature: str,
        body: tuple[Any, ...],
        then: Callable[[Message], None] | None = None,
    ) -> None:
        serial = next(self._bus.outgoing_serial)
        if then:
            self._replies[serial] = then
        self._bus.send(new_method_call(address, method, signature, body), serial=serial)


def session_bus() -> str:
    """The address of this session's bus. Raises: KeyError where the session has none."""
    named = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
    return named or f"unix:path={os.environ['XDG_RUNTIME_DIR']}/bus"
