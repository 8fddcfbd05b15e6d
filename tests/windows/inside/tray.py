"""The tray's own thread on Windows. Run by `test_under_wine` with a display."""

import threading

import pystray
from PIL import Image


def test_pystray_puts_an_icon_into_the_tray() -> None:
    """Real: pystray's win32 backend, a window that gets the tray's messages."""
    icon = pystray.Icon("kitsu-launcher", Image.new("RGBA", (32, 32), "#3465a4"), "Kitsu Launcher")
    seen: list[bool] = []

    def shown(icon: pystray.Icon) -> None:
        icon.visible = True
        seen.append(icon.visible)
        icon.stop()

    thread = threading.Thread(target=lambda: icon.run(shown), daemon=True)
    thread.start()
    thread.join(30)
    assert type(icon).__module__ == "pystray._win32"
    assert seen == [True]
    assert not thread.is_alive()
