"""`launcher.disks`: threads that a dead mount may keep."""

import asyncio
import threading
import time

import pytest

from launcher.disks import Disks


def left_behind() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "disk"]


async def test_what_the_work_answers_or_raises_is_told() -> None:
    """Real: threads."""

    def fail() -> None:
        raise OSError("Input/output error")

    disks = Disks()

    assert await disks.ask("/mnt", lambda: 7, 5) == 7
    with pytest.raises(OSError, match="Input/output error"):
        await disks.ask("/mnt", fail, 5)


async def test_one_place_keeps_no_more_threads_than_went_there_before_it_was_known_to_hang() -> None:
    """Real: threads, and the clock."""
    disks, release, others = Disks(), threading.Event(), len(left_behind())
    both = await asyncio.gather(
        *(disks.ask("/dead", lambda: release.wait(30), 0.1) for _ in range(2)), return_exceptions=True
    )
    began = time.monotonic()
    for _ in range(50):
        with pytest.raises(TimeoutError):
            await disks.ask("/dead", lambda: True, 30)

    assert [type(one) for one in both] == [TimeoutError, TimeoutError]
    assert time.monotonic() - began < 1
    assert len(left_behind()) <= 2 + others
    assert await disks.ask("/alive", lambda: True, 5)
    release.set()


async def test_a_place_that_answers_again_is_asked_again() -> None:
    """Real: threads."""
    disks, release = Disks(), threading.Event()
    with pytest.raises(TimeoutError):
        await disks.ask("/mnt", lambda: release.wait(30), 0.1)

    release.set()
    for thread in left_behind():
        await asyncio.to_thread(thread.join, 10)

    assert await disks.ask("/mnt", lambda: True, 5)


async def test_nothing_waits_for_a_thread_whose_loop_has_ended() -> None:
    """Real: threads; a loop of its own that ends before the disk answers."""
    release = threading.Event()

    def short() -> None:
        with pytest.raises(TimeoutError):
            asyncio.run(Disks().ask("/dead", lambda: release.wait(30), 0.1))

    await asyncio.to_thread(short)
    threads = left_behind()
    release.set()
    for thread in threads:
        await asyncio.to_thread(thread.join, 10)

    assert threads
    assert all(thread.daemon for thread in threads)
