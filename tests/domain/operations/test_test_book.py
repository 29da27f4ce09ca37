"""The test book is purged, and real money is never touched."""

import peewee
import pytest

from giftweb import database, models
from giftweb.domain import audit, cards, operations, refunds
from giftweb.errors import NotFound
from giftweb.models import GiftCard, Order, Transfer
from tests.factories import ROOT, goods, make_campaign, make_card
from tests.orders import place

pytestmark = pytest.mark.proves("D16")


def test_orders(campaign_id: str, *, is_test: bool) -> None:
    card = make_card("50.00 USD", is_test=is_test, campaign_id=campaign_id)
    order = place(goods("20.00 USD"), campaign_id=campaign_id, is_test=is_test, cards=[card])
    refunds.refund_all(order.id, by=ROOT)
    other = make_card("9.00 USD", is_test=is_test).card
    cards.endings.replace_card(other.id, by=ROOT)


test_orders.__test__ = False


def left() -> dict[str, int]:
    counts = {
        table._meta.table_name: table.select().where(table.is_test).count()
        for table in models.TABLES
        if "is_test" in table._meta.columns and table is not models.ApiKey
    }
    return {name: count for name, count in counts.items() if count}


def test_the_whole_test_book_goes_and_the_real_one_stays(app):
    campaign = make_campaign()
    test_orders(campaign.id, is_test=True)
    test_orders(campaign.id, is_test=False)
    real = Transfer.select().where(~Transfer.is_test).count()
    audit.checkpoints.write()
    counts = operations.test_book.purge(by=ROOT)
    assert counts["gift cards"] >= 3
    assert counts["orders"] == 1
    assert left() == {}
    assert Transfer.select().count() == real
    assert audit.checks.run() == []
    assert operations.test_book.purge(by=ROOT) == {}


def test_of_one_campaign_what_hangs_together_goes_and_the_rest_stays(app):
    first, second = make_campaign("One"), make_campaign("Two")
    test_orders(first.id, is_test=True)
    test_orders(second.id, is_test=True)
    shared = make_card("50.00 USD", is_test=True, campaign_id=second.id)
    place(goods("20.00 USD"), campaign_id=first.id, is_test=True, cards=[shared])
    operations.test_book.purge(by=ROOT, campaign_id=first.id)
    assert Order.select().where(Order.campaign == first.id).count() == 0
    assert Order.select().where(Order.campaign == second.id).count() == 1
    assert not GiftCard.select().where(GiftCard.id == shared.card.id).exists()
    assert GiftCard.select().where(GiftCard.campaign == second.id).exists()
    with pytest.raises(NotFound):
        operations.test_book.purge(by=ROOT, campaign_id="cmp_nowhere")


@pytest.mark.tampers
def test_the_database_itself_keeps_real_rows(app):
    make_card("50.00 USD")
    with pytest.raises(peewee.IntegrityError):
        database.execute("DELETE FROM transfer")
