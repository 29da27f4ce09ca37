"""One recharge, durable: the domain's verb against the same SQL through the bare driver."""

from functools import partial
from itertools import count
from time import perf_counter

from bench import databases, recording
from bench.databases import Engine
from bench.figures import ROUNDS, Figure, interleave, ratio
from giftweb.domain import cards
from giftweb.domain.audit.log import Actor
from giftweb.money import Money

BY = Actor(kind="cli", id="bench", name="Bench")
CARDS = 50
BATCH = 200
AT_LEAST = {"sqlite": 0.5, "postgresql": 0.85}


def run() -> list[Figure]:
    """The ratio on each engine."""
    return databases.on_each(measure)


def measure(engine: Engine) -> list[Figure]:
    """Recharge the same cards by the verb and by the driver, on copies of one database."""
    base = engine.make()
    with databases.used(base):
        card_ids = [issue() for _ in range(CARDS)]
    played, raw, verb = (engine.copy(base) for _ in range(3))
    with databases.used(played):
        lists = recording.record(partial(recharge, card_ids), BATCH * (ROUNDS + 1))
    connection, batches, turns = recording.connect(raw), iter(_batches(lists)), count()
    with databases.used(verb):
        samples = interleave(
            {
                "verb": lambda: rate(lambda: [recharge(card_ids, next(turns)) for _ in _BATCH]),
                "bare driver": lambda: rate(
                    lambda: [recording.replay(connection, one) for one in next(batches)]
                ),
            }
        )
    connection.close()
    name = f"recharge, {engine.name}: verb / bare driver"
    return [ratio(name, samples, of="verb", to="bare driver", at_least=AT_LEAST[engine.name])]


_BATCH = range(BATCH)


def _batches(lists: list) -> list[list]:
    return [lists[start : start + BATCH] for start in range(0, len(lists), BATCH)]


def rate(work) -> float:
    """How many of a batch are done in a second."""
    start = perf_counter()
    work()
    return BATCH / (perf_counter() - start)


def issue() -> str:
    """A card to recharge."""
    new = cards.NewCard(amount=Money(5000, "USD"), holder_email="ann@example.com")
    return cards.issue(new, by=BY).card.id


def recharge(card_ids: list[str], number: int) -> None:
    """Recharge the cards in turn."""
    cards.top_up(card_ids[number % CARDS], amount=Money(100, "USD"), by=BY)
