"""Clicks that a page offers to begin."""

import pytest

from launcher.web.offers import MOST, PATIENCE_S, Expired, Offers
from tests.support.launching import Clock, click


def test_an_offer_is_taken_once():
    offers = Offers()
    once = offers.make(click())

    assert offers.take("open-in-blender", once) == click()
    with pytest.raises(Expired, match="works once"):
        offers.take("open-in-blender", once)


def test_an_offer_is_of_its_action_only_and_a_wrong_try_uses_it_up():
    offers = Offers()
    once = offers.make(click())

    with pytest.raises(Expired):
        offers.take("debug", once)
    with pytest.raises(Expired):
        offers.take("open-in-blender", once)


def test_an_offer_lasts_two_minutes():
    clock = Clock()
    offers = Offers(clock)
    early, late = offers.make(click()), offers.make(click())

    clock.now += PATIENCE_S
    assert offers.take("open-in-blender", early)
    clock.now += 1
    with pytest.raises(Expired):
        offers.take("open-in-blender", late)


def test_any_page_can_have_offers_made_and_only_the_newest_are_kept():
    offers = Offers()
    onces = [offers.make(click()) for _ in range(500)]

    assert len(offers.waiting) == MOST
    assert len(set(onces)) == 500
    with pytest.raises(Expired):
        offers.take("open-in-blender", onces[0])
    assert offers.take("open-in-blender", onces[-1])


@pytest.mark.parametrize("once", ["", "x", "é", "\0"])
def test_nothing_is_taken_by_guessing(once: str):
    offers = Offers()
    offers.make(click())

    with pytest.raises(Expired):
        offers.take("open-in-blender", once)
    assert len(offers.waiting) == 1
