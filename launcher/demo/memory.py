"""The demo's keyring: it forgets everything when the demo's daemon ends, and the person's own stays untouched."""

from keyring.backend import KeyringBackend


class Keyring(KeyringBackend):
    """Keeps passwords in this process's memory alone."""

    priority = 0
    name = "the demo's memory"

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring has no types there
        self._kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """What was kept; None for nothing."""
        return self._kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""
        self._kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget it; what was not there is gone, too."""
        self._kept.pop((service, username), None)
