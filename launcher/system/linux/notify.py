"""Notices on Linux: `org.freedesktop.Notifications` on the session's bus, as the Desktop Notifications 1.2 say.

Whoever shows them may come, go and come again: each time it is asked anew what it can do.
"""

import asyncio
import contextlib
import html
import sys
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from launcher import icon
from launcher.icon import Sign
from launcher.system import Notice, TrayView

if TYPE_CHECKING:
    from jeepney import Message
    from jeepney.io.asyncio import DBusConnection, DBusRouter

assert sys.platform != "win32"  # noqa: S101  # for mypy, which looks at this file for Windows too

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
PATIENCE_S = 5.0
"""How long one answer may take; a server that the bus has to start first takes a second."""
ICON_SIZE = 64
LOW, NORMAL = 0, 1
"""Urgencies. Nothing of ours is critical: that would be shown over a film that plays in full screen."""
BY_SERVER_MS, UNTIL_SEEN_MS = -1, 0
"""How long a notice stays."""
DEFAULT = "default"
"""The action that a click on the notice itself means."""


def begin(pressed: Callable[[str], None], tray: TrayView | None = None) -> "Notices":
    """The notices of one daemon; `pressed` is told the key of one that was clicked on, in the loop's thread."""
    return Notices(pressed)


class Notices:
    """Our notices on the bus. Connects at the first one."""

    def __init__(self, pressed: Callable[[str], None]) -> None:
        self._pressed = pressed
        self._numbers: dict[str, int] = {}
        """The server's number of each notice that may still be seen."""
        self._connection: DBusConnection | None = None
        self._router: DBusRouter | None = None
        self._ears: asyncio.Task[None] | None = None

    async def show(self, notice: Notice) -> str:
        """Show it in place of the earlier one of its key; why that cannot be, empty when it is shown."""
        from jeepney.io.asyncio import RouterClosed

        try:
            try:
                return await self._show(notice)
            except (RouterClosed, OSError):
                await self.close()  # the bus has ended since, and there may be another
                return await self._show(notice)
        # KeyError, RuntimeError: no bus, or an address of an unknown kind; ValueError: it refuses us.
        except (OSError, EOFError, KeyError, RuntimeError, ValueError, RouterClosed) as error:
            await self.close()
            return str(error) or type(error).__name__

    async def withdraw(self, key: str) -> None:
        """Take one away, where it is still shown."""
        number = self._numbers.pop(key, None)
        if number is not None and self._router:
            with contextlib.suppress(Exception):  # it is gone, or its server: then nothing is shown either
                await self._ask("CloseNotification", "u", (number,))

    async def close(self) -> None:
        """Leave the bus. What is shown stays."""
        if self._ears:
            self._ears.cancel()
        if self._router:
            with contextlib.suppress(Exception):  # whatever ended its reading
                await self._router.__aexit__(None, None, None)
        if self._connection:
            with contextlib.suppress(OSError):
                await self._connection.close()
        self._connection = self._router = self._ears = None
        self._numbers.clear()

    # -- what goes out -----------------------------------------------------------------------------------------------
    async def _show(self, notice: Notice) -> str:
        await self._open()
        answer = await self._ask("GetCapabilities")
        if isinstance(answer, str):
            return answer
        capabilities = answer[0]
        sign = Sign.NEEDS_YOU if notice.urgent else Sign.WELL
        pixels = await asyncio.to_thread(lambda: icon.draw(sign, ICON_SIZE).tobytes())
        before = self._numbers.get(notice.key, 0)
        answer = await self._ask("Notify", "susssasa{sv}i", _arguments(notice, before, capabilities, pixels))
        if isinstance(answer, str):
            return answer
        self._numbers[notice.key] = answer[0]
        return ""

    async def _open(self) -> None:
        if self._router:
            return
        from jeepney import MatchRule, message_bus
        from jeepney.io.asyncio import DBusRouter, Proxy, open_dbus_connection

        from launcher.system.linux.notifier import session_bus

        async with asyncio.timeout(PATIENCE_S):
            self._connection = await open_dbus_connection(session_bus())
            self._router = await DBusRouter(self._connection).__aenter__()
            heard: asyncio.Queue[Message] = asyncio.Queue()
            rules = (
                MatchRule(type="signal", interface=NAME, path=PATH),
                MatchRule(type="signal", interface="org.freedesktop.DBus", member="NameOwnerChanged"),
            )
            rules[1].add_arg_condition(0, NAME)
            for rule in rules:
                self._router.filter(rule, queue=heard).__enter__()
                await Proxy(message_bus, self._router).AddMatch(rule)
        self._ears = asyncio.create_task(self._listen(heard))

    async def _ask(
        self, method: str, signature: str | None = None, body: tuple[Any, ...] = ()
    ) -> tuple[Any, ...] | str:
        """The answer of whoever shows notices, or why there is none."""
        from jeepney import DBusAddress, MessageType, new_method_call

        assert self._router  # noqa: S101  # opened before
        call = new_method_call(DBusAddress(PATH, NAME, NAME), method, signature, body)
        try:
            reply = await asyncio.wait_for(self._router.send_and_get_reply(call), PATIENCE_S)
        except TimeoutError:
            return "whoever shows notices does not answer"
        if reply.header.message_type is MessageType.error:
            return str(reply.body[0] if reply.body else "an error without a text")
        return tuple(reply.body)

    # -- what comes in -----------------------------------------------------------------------------------------------
    async def _listen(self, heard: "asyncio.Queue[Message]") -> None:
        while True:
            message = await heard.get()
            match _member(message), message.body:
                case "ActionInvoked", (int(number), str(action)) if action == DEFAULT:
                    if key := self._key(number):
                        self._pressed(key)
                case "NotificationClosed", (int(number), *_):
                    self._numbers.pop(self._key(number), None)
                case "NameOwnerChanged", _:
                    self._numbers.clear()  # another server counts anew

    def _key(self, number: int) -> str:
        return next((key for key, known in self._numbers.items() if known == number), "")


def _member(message: "Message") -> str:
    from jeepney import HeaderFields

    return str(message.header.fields.get(HeaderFields.member))


def _arguments(notice: Notice, before: int, capabilities: Collection[str], pixels: bytes) -> tuple[Any, ...]:
    """What `Notify` is called with."""
    clicks = "actions" in capabilities
    lines = [notice.text] if clicks or not notice.urgent else [notice.text, notice.elsewhere]
    body = "\n".join(lines)
    hints = {
        "urgency": ("y", NORMAL if notice.urgent else LOW),
        "desktop-entry": ("s", "kitsu-launcher"),
        "image-data": ("(iiibiiay)", (ICON_SIZE, ICON_SIZE, ICON_SIZE * 4, True, 8, 4, pixels)),
        # What only says that all goes well is not kept in a desktop's list of past notices.
        **({} if notice.urgent else {"transient": ("b", True)}),
    }
    return (
        "Kitsu Launcher",
        before,
        "",
        notice.title,
        html.escape(body, quote=False) if "body-markup" in capabilities else body,
        [DEFAULT, notice.button] if clicks and notice.button else [],
        hints,
        UNTIL_SEEN_MS if notice.urgent else BY_SERVER_MS,
    )
