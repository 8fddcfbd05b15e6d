"""Whether there is a newer version of this program: where the studio file names a feed, by its signed word alone."""

import asyncio

from launcher import __version__
from launcher.config import feed as feeds
from launcher.config import sealed
from launcher.config.feed import Heard
from launcher.config.schema import Feed, Studio
from launcher.doctor.finding import Finding, good, warning
from launcher.paths import Folders
from launcher.words import _


async def look(folders: Folders, studio: Studio, *, ask: bool) -> list[Finding]:
    """What the feed tells, asked anew once a day with `ask`; nothing, and nobody is asked, where there is none."""
    if not studio.feed:
        return []
    if ask:
        return judge(studio.feed, await feeds.ask(folders, studio.feed, studio.ca_file), __version__)
    return judge(studio.feed, await asyncio.to_thread(feeds.heard, folders, studio.feed), __version__)


def judge(feed: Feed, heard: Heard, running: str) -> list[Finding]:
    """What was told, and what of the last answer does not count. A newer version is IT's to install: nothing does it
    by itself."""
    found: list[Finding] = []
    if heard.trouble:
        title = _("It could not be told whether there is a newer version.")
        found.append(warning("version", title, _("Ask whoever looks after `studio.feed`."), (heard.trouble,)))
    told = heard.release
    if told and told.newer_than(running):
        values = {"new": told.version, "day": told.date, "version": running}
        title = _("Kitsu Launcher {new} of {day} is there; this is {version}.", **values)
        packages = [f"{one.name}  sha256 {one.sha256}" for one in told.packages]
        found.append(warning("version", title, _("Ask IT for it: {page}", page=told.page), packages))
    elif told and not heard.trouble:
        details = (_("asked {moment}: {url}", moment=sealed.moment(heard.asked), url=feed.url),)
        found.append(good("version", _("No newer version than {version} is told of.", version=running), details))
    return found
