"""Requests made from the OpenAPI document: whatever is sent, the answer is one it names."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from giftweb.blueprints.api.operations import OPERATIONS, Operation
from tests.web.api.shop import Shop, done

load_all_checks()
CHECKED = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
    ]
)
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@dataclass
class World:
    """A shop where something of each kind exists, for ids and codes that lead somewhere."""

    shop: Shop
    chance: random.Random
    ids: dict[str, list[str]] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)

    def grow(self) -> None:
        """Add a card, an open checkout, an order and a refund."""
        card, order = self.shop.issue(), self.shop.order(self.shop.issue())
        path = self.shop.open()
        payment = order["payments"][1]["id"]
        refund = done(self.shop.api.post(f"/payments/{payment}/refunds", {"amount": 1}), 201)
        self.codes.append(card["code"])
        for name, found in (
            ("card_id", card["id"]),
            ("checkout_id", path.rpartition("/")[2]),
            ("order_id", order["id"]),
            ("payment_id", payment),
            ("refund_id", refund["id"]),
        ):
            self.ids.setdefault(name, []).append(found)

    def lead_somewhere(self, case: Case) -> None:
        """Put what exists in the place of most of what was made up."""
        for name in case.path_parameters or {}:
            if self.chance.random() < 0.9:
                case.path_parameters[name] = self.chance.choice(self.ids[name])
        if self.chance.random() < 0.8 and case.method == "POST":
            case.headers["Idempotency-Key"] = str(self.chance.random())
        self._make_usable(case.body)

    def _make_usable(self, value: object) -> None:
        known = {"code": self.codes, "currency": ["USD"], "email": ["cy@example.com"]}
        if isinstance(value, list):
            for part in value:
                self._make_usable(part)
        elif isinstance(value, dict):
            for name, part in value.items():
                if name in known and isinstance(part, str) and self.chance.random() < 0.8:
                    value[name] = self.chance.choice(known[name])
                self._make_usable(part)


def run(app: Flask, shop: Shop, *, examples: int, number: int = 0) -> int:
    """Send ``examples`` requests of each kind to each address; how many there were in all.

    Raises: AssertionError with the request that was answered as it should not be.
    """
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    world = World(shop, random.Random(number))
    world.grow()
    return sum(
        _sent(document, world, operation, mode, examples, number)
        for operation in OPERATIONS
        for mode in MODES
    )


def _sent(document, world: World, operation: Operation, mode, examples: int, number: int) -> int:
    count = 0
    described = document[f"/api/v1{operation.path}"][operation.method]
    headers = {"Authorization": f"Bearer {world.shop.api.secret}"}

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=described.as_strategy(generation_mode=mode))
    def send(case: Case) -> None:
        nonlocal count
        count += 1
        if mode is GenerationMode.POSITIVE:
            world.lead_somewhere(case)
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=CHECKED)

    if _can_be_made(described, mode):
        send()
    return count


def _can_be_made(described, mode) -> bool:
    """An address without values has nothing that could be wrong."""
    if mode is GenerationMode.POSITIVE:
        return True
    return bool(list(_values(described)))


def _values(described) -> Iterator[object]:
    yield from described.query
    yield from described.body
    yield from described.path_parameters
