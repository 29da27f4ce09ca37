"""A race that ends in a constraint: even then a person reads a sentence (E14)."""

import threading
from dataclasses import replace

import peewee
import pytest

from giftweb import database, errors, models
from giftweb.database import constraints
from giftweb.domain import campaigns, cards, catalogue, customers, staff
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.catalogue.products import NewProduct
from tests.factories import PASSWORD, ROOT, make_campaign, make_card
from tests.races import at_once

MUG = NewProduct(sku="MUG", name="A mug", unit_minor=7000)
SHEET = b"amount,currency,code\n25.00,USD,WINTER-2019-0001\n"


def race(*verbs) -> list:
    """What each verb gave or raised; those that raised come last."""
    return sorted(at_once(*verbs), key=lambda found: isinstance(found, Exception))


@pytest.mark.proves("E14", "S17")
def test_two_products_with_one_number_at_once_are_one_and_a_sentence():
    for number in range(5):
        campaign, new = make_campaign().id, replace(MUG, sku=f"MUG-{number}")
        create = lambda: catalogue.create(campaign, new=new, by=ROOT)  # noqa: B023, E731
        first, second = race(create, create)
        assert first.sku == new.sku
        assert isinstance(second, errors.Invalid)
        assert second.errors == [("sku", "Another product has this number.")]
        assert len(catalogue.of_campaign(campaign)) == 1


@pytest.mark.proves("E14")
def test_two_people_with_one_address_at_once_are_one_and_a_sentence():
    def create():
        return staff.create(
            email="amy@giftweb.test", name="Amy", role="finance", password=PASSWORD, by=SYSTEM
        )

    first, second = race(create, create)
    assert first.email == "amy@giftweb.test"
    assert second.errors == [("email", "Somebody signs in with this address already.")]


@pytest.mark.proves("E14")
def test_two_customers_with_one_address_at_once_are_one_and_a_sentence():
    def register():
        return customers.register(email="ann@example.com", name="Ann", by=ROOT)

    first, second = race(register, register)
    assert customers.find(first.id) == first
    assert second.errors == [("email", "This address is registered already.")]


@pytest.mark.proves("E14", "B8")
def test_two_files_with_one_code_at_once_are_one_import_and_a_sentence():
    first, second = race(
        lambda: cards.import_file.import_file(SHEET, by=SYSTEM),
        lambda: cards.import_file.import_file(SHEET + b"5.00,USD,WINTER-2019-0002\n", by=SYSTEM),
    )
    assert first.cards in (1, 2)
    assert isinstance(second, errors.Invalid | errors.Refused)
    assert models.GiftCard.select().count() == first.cards


@pytest.mark.proves("E14")
def test_two_changes_of_one_campaign_at_once_are_both_done():
    campaign = make_campaign(origins=("https://shop.example",))

    def change(name: str):
        settings = replace(campaign.settings, name=name, origins=("https://other.example",))
        return campaigns.change(campaign.id, settings=settings, by=ROOT)

    for changed in at_once(lambda: change("One"), lambda: change("Other")):
        assert changed.origins == ("https://other.example",)


@pytest.mark.engines("postgresql")
def test_a_race_is_lost_at_the_constraint_and_not_by_luck():
    campaign, is_written, may_commit = make_campaign().id, threading.Event(), threading.Event()

    def slow() -> None:
        with database.transaction():
            catalogue.create(campaign, new=MUG, by=ROOT)
            is_written.set()
            may_commit.wait(10)
        database.close()

    first = threading.Thread(target=slow)
    first.start()
    assert is_written.wait(10)
    threading.Timer(0.2, may_commit.set).start()
    with pytest.raises(errors.Invalid, match="Another product has this number"):
        catalogue.create(campaign, new=MUG, by=ROOT)
    first.join()


def test_a_constraint_that_nobody_declared_is_the_programs_fault():
    issued = make_card()
    with pytest.raises(peewee.IntegrityError) as problem, database.transaction():
        database.execute("UPDATE account SET balance_minor = -1 WHERE id = ?", issued.card.id)
    assert constraints.name_of(problem.value) == "account_moves_with_its_version"
