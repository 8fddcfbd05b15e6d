"""What each Kitsu answered last: whether it is away, and whose login counts no longer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from launcher.errors import LauncherError
from launcher.kitsu.answers import NotActive
from launcher.kitsu.failures import KitsuAway, LoginOver, NotLoggedIn


@dataclass(slots=True)
class Heard:
    """The last answers of every Kitsu. Nothing is asked for its sake."""

    over: Callable[[str, str], None]
    """Told API and e-mail of a login that Kitsu itself says is no more."""
    _away: dict[str, KitsuAway] = field(default_factory=dict)
    _out: dict[tuple[str, str], NotLoggedIn] = field(default_factory=dict)

    @contextmanager
    def asking(self, api: str, email: str) -> Iterator[None]:
        """Around each question to a Kitsu: remember what came of it."""
        try:
            yield
        except KitsuAway as error:
            self._away[api] = error
            raise
        except NotLoggedIn as error:
            self._away.pop(api, None)
            self._out[api, email] = error
            if isinstance(error, LoginOver):
                self.over(api, email)
            raise
        except LauncherError as error:
            self._away.pop(api, None)
            if isinstance(error, NotActive):
                self.over(api, email)
            raise
        self._away.pop(api, None)
        self._out.pop((api, email), None)

    def forget(self, api: str, email: str) -> None:
        """This login is no more, or was made anew."""
        self._out.pop((api, email), None)

    def is_out(self, api: str, email: str) -> bool:
        """Whether this login counted no longer when Kitsu last answered it."""
        return (api, email) in self._out

    def trouble(self, api: str) -> LauncherError | None:
        """Why the last answer could not be used: Kitsu is away, or somebody has to log in again."""
        out = (error for (other, _email), error in self._out.items() if other == api)
        return self._away.get(api) or next(out, None)
