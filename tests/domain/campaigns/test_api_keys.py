"""Keys of the API: shown once, kept as a hash, two at a time, gone when revoked."""

from datetime import timedelta

import pytest

from giftweb import clock, database
from giftweb.domain import campaigns
from giftweb.domain.campaigns.settings import Settings
from giftweb.errors import NotFound
from tests.factories import ROOT


@pytest.fixture
def shop():
    return campaigns.opening.open_campaign(Settings(name="Sea", currency="USD"), by=ROOT)


@pytest.mark.proves("B5")
def test_a_key_opens_its_campaign_in_its_mode(shop):
    for secret, is_test in ((shop.live_key, False), (shop.test_key, True)):
        caller = campaigns.api_keys.authenticate(secret)
        assert (caller.campaign_id, caller.is_test) == (shop.campaign.id, is_test)
    assert shop.live_key.startswith("gwk_live_")
    assert shop.test_key.startswith("gwk_test_")


@pytest.mark.parametrize("wrong", ["", "gwk_live_", "gwk_live_" + "a" * 32, "x" * 41, "é" * 41])
def test_another_key_opens_nothing(shop, wrong):
    assert campaigns.api_keys.authenticate(wrong) is None


@pytest.mark.proves("B5")
def test_the_secret_of_a_key_is_not_kept(shop):
    kept = str(database.rows("SELECT * FROM api_key"))
    assert shop.live_key not in kept
    assert shop.live_key.removeprefix("gwk_live_") not in kept


def test_two_keys_of_a_mode_at_a_time(shop):
    second = campaigns.api_keys.create(shop.campaign.id, is_test=False, by=ROOT)
    with pytest.raises(campaigns.api_keys.TooManyKeys):
        campaigns.api_keys.create(shop.campaign.id, is_test=False, by=ROOT)
    campaigns.api_keys.create(shop.campaign.id, is_test=True, by=ROOT)
    first = campaigns.api_keys.authenticate(shop.live_key)
    campaigns.api_keys.revoke(first.key_id, by=ROOT)
    assert campaigns.api_keys.authenticate(shop.live_key) is None
    assert campaigns.api_keys.authenticate(second.secret) is not None
    campaigns.api_keys.create(shop.campaign.id, is_test=False, by=ROOT)


def test_a_revoked_or_unknown_key_is_not_revoked_again(shop):
    key_id = campaigns.api_keys.authenticate(shop.live_key).key_id
    campaigns.api_keys.revoke(key_id, by=ROOT)
    for gone in (key_id, "key_none"):
        with pytest.raises(NotFound):
            campaigns.api_keys.revoke(gone, by=ROOT)
    with pytest.raises(NotFound):
        campaigns.api_keys.create("cmp_none", is_test=True, by=ROOT)


def last_use(shop):
    return next(
        key for key in campaigns.api_keys.all_of(shop.campaign.id) if not key.is_test
    ).last_used_at


def test_when_a_key_was_last_used_is_noted_now_and_then(shop):
    assert last_use(shop) is None
    campaigns.api_keys.authenticate(shop.live_key)
    first = last_use(shop)
    campaigns.api_keys.authenticate(shop.live_key)
    assert last_use(shop) == first
    with clock.moved(timedelta(minutes=6)):
        campaigns.api_keys.authenticate(shop.live_key)
    assert last_use(shop) > first
