"""Bugs that a person could write: planted in a copy, each turns the tests named with it red."""

from tests.mutation.bugs import POSTGRES, Bug
from tests.mutation.bugs import in_domain as _in
from tests.mutation.faults import FAULTS

CARDS = "tests/domain/cards/test_lifecycle.py"
ENDINGS = "tests/domain/cards/test_endings.py"
CHECKOUT = "tests/domain/checkout/test_checkout.py"
REFUNDS = "tests/domain/refunds/test_refunds.py"
BONUS = "tests/domain/orders/test_bonus.py"
ORDERS = "tests/domain/orders/test_placing.py"
RECHARGES = "tests/domain/orders/test_recharges.py"
ON_ORDERS = "tests/domain/desk/test_order_cards.py"
ALLOCATION = "tests/domain/carts/test_allocation.py"
EXCHANGE = "tests/domain/catalogue/test_conversions.py"
FUNDED = "tests/domain/ledger/test_funding.py"
LEDGER = "tests/domain/ledger/test_transfers.py"
CODES = "tests/language/test_codes.py"
THROTTLE = "tests/domain/test_throttle.py"
RACES = "tests/domain/checkout/test_races.py"
CART_RACES = "tests/domain/carts/test_races.py"
FILES = "tests/domain/cards/test_import_file.py"
AUDIT = "tests/domain/audit/test_checks.py"
RIGHTS = "tests/web/test_rights.py"
SECURITY = "tests/web/test_security.py"
API = "tests/web/api/test_keys_and_modes.py"
KEYS = "tests/web/api/test_idempotency.py"
HOUSE = "tests/test_house.py"


LOCKS = (
    Bug(
        "cards are checked without a lock",
        _in("cards/locking"),
        "ORDER BY a.id{database.for_update()}",
        "ORDER BY a.id",
        (RACES,),
        POSTGRES,
    ),
    Bug(
        "an order is checked without a lock",
        _in("orders/values"),
        "database.locked(select().where(models.Order.id == order_id))",
        "select().where(models.Order.id == order_id)",
        (RACES, ON_ORDERS),
        POSTGRES,
    ),
    Bug(
        "a checkout is checked without a lock",
        _in("carts/values"),
        "_read(key, lock=database.for_update())",
        "_read(key)",
        (RACES,),
        POSTGRES,
    ),
    Bug(
        "a cart's cards are stored over what somebody else has put on it meanwhile",
        _in("carts/carts"),
        " WHERE id = ? AND version = ?",
        " WHERE id = ? AND version >= ?",
        (CART_RACES,),
    ),
    Bug(
        "a card is put on a cart that was authorised meanwhile",
        _in("carts/carts"),
        " AND version = ? AND status = 'open'",
        " AND version = ? AND status <> ''",
        (CART_RACES,),
    ),
)
MONEY = (
    Bug(
        "what others hold is spent",
        _in("checkout/checkout"),
        "if cost > card.available.minor:",
        "if cost > card.balance.minor:",
        (CHECKOUT,),
    ),
    Bug(
        "a sign is missing",
        _in("ledger/transfers"),
        "self.amount_minor if self.target == CARD else -self.amount_minor",
        "self.amount_minor",
        (LEDGER,),
    ),
    Bug(
        "a captured hold stays held",
        _in("cards/locking"),
        "freed = captures.amount_minor if captures else 0",
        "freed = 0",
        (CHECKOUT,),
    ),
    Bug(
        "a released hold stays held",
        _in("ledger/holds"),
        "return transfers.change_held(position, -hold.amount.minor)",
        "return position",
        (CHECKOUT,),
    ),
    Bug(
        "a bonus is paid from the sales",
        _in("orders/bonus"),
        'source="promotions"',
        'source="sales"',
        (BONUS,),
    ),
    Bug(
        "a withdrawn card pays its money to the sales",
        _in("cards/endings"),
        'Movement("cancel", CARD, source, left,',
        'Movement("cancel", CARD, "sales", left,',
        (ENDINGS,),
    ),
    Bug(
        "a percentage is rounded to the nearest cent",
        "giftweb/money.py",
        "return minor * hundredths_of_percent // 10_000",
        "return (minor * hundredths_of_percent + 5_000) // 10_000",
        ("tests/language/test_money.py",),
    ),
    Bug(
        "a card of another currency pays a cent too little",
        _in("catalogue/prices"),
        "return -int(-exact // 1)",
        "return int(exact // 1)",
        (EXCHANGE,),
    ),
    Bug(
        "a card of another currency is worth a cent too much",
        _in("catalogue/prices"),
        "return int(card_minor * _factor(card_currency, order_currency, rate) // 1)",
        "return -int(-card_minor * _factor(card_currency, order_currency, rate) // 1)",
        (EXCHANGE,),
    ),
    Bug(
        "each part of a refund in another currency is all of it",
        _in("refunds/to_cards"),
        "payment.amount_minor - payment.card_refunded_minor",
        "payment.amount_minor",
        (EXCHANGE, REFUNDS),
    ),
    Bug(
        "a refund is of the money that the card has now",
        _in("ledger/transfers"),
        "return funding.parts_returning(str(movement.parent_id), movement.amount_minor)",
        "return funding.only(FUNDING[0], movement.amount_minor)",
        (FUNDED,),
    ),
    Bug(
        "the newest money is spent first",
        _in("ledger/funding"),
        "found = sorted(remainders(card_id, parts), key=is_other)",
        "found = sorted(reversed(remainders(card_id, parts)), key=is_other)",
        (FUNDED,),
    ),
    Bug(
        "a replaced card's money is all sold",
        _in("cards/endings"),
        "amount, audit_id, parts=old.parts)",
        "amount, audit_id, parts=ledger.funding.only('sales', amount))",
        (FUNDED,),
    ),
    Bug(
        "the times of a card stand still",
        _in("ledger/transfers"),
        "max(clock.micros(), position.moved_at + 1)",
        "clock.micros()",
        (LEDGER,),
    ),
    Bug(
        "a typed amount may have a fraction of a cent",
        "giftweb/money.py",
        "if len(part) > places:",
        "if len(part) > 4:",
        ("tests/language/test_money.py",),
    ),
)
CARTS = (
    Bug(
        "cards pay the shipping whatever the campaign says",
        _in("carts/allocation"),
        'self.shipping_minor if covers == "goods_and_shipping" else 0',
        "self.shipping_minor",
        (ALLOCATION,),
    ),
    Bug(
        "a discount is forgotten",
        _in("carts/allocation"),
        "max(0, payable - self.discount_minor)",
        "payable",
        (ALLOCATION,),
    ),
    Bug(
        "a gift card buys a gift card",
        _in("carts/allocation"),
        "goods = self.items_minor - self.card_items_minor",
        "goods = self.items_minor",
        (ALLOCATION, CHECKOUT),
    ),
    Bug(
        "the largest card pays first",
        _in("carts/allocation"),
        "(offer.available_minor, offer.turn)",
        "(-offer.available_minor, offer.turn)",
        (ALLOCATION,),
    ),
    Bug(
        "the shopper's own limit is forgotten",
        _in("carts/allocation"),
        "return min(self.available_minor, self.limit_minor)",
        "return self.available_minor",
        (ALLOCATION, CHECKOUT),
    ),
    Bug(
        "a test card pays a real order",
        _in("carts/carts"),
        "        if card.is_test != checkout.is_test:\n            raise ModeMismatch\n",
        "",
        (CHECKOUT,),
    ),
    Bug(
        "a frozen card is applied",
        _in("carts/carts"),
        "    card.require_usable()\n",
        "",
        (CHECKOUT,),
    ),
    Bug(
        "a card is applied twice",
        _in("carts/carts"),
        "        raise AlreadyApplied\n",
        "        pass\n",
        (CHECKOUT,),
    ),
    Bug(
        "a hold whose time is over is captured",
        _in("checkout/checkout"),
        "    if checkout.status == carts.EXPIRED:\n        raise HoldExpired\n    return",
        "    return",
        (CHECKOUT,),
    ),
    Bug(
        "an order is placed that is not paid in full",
        _in("checkout/checkout"),
        "if paid != checkout.total:",
        "if paid > checkout.total:",
        (CHECKOUT,),
    ),
    Bug(
        "somebody writes that a gift card paid",
        _in("checkout/checkout"),
        'if tender.method == "gift_card":',
        "if False:",
        (CHECKOUT,),
    ),
    Bug(
        "what is shipped has no address",
        _in("checkout/checkout"),
        "if checkout.needs_shipping and checkout.shipping_address is None:",
        "if False:",
        (CHECKOUT,),
    ),
    Bug(
        "carts lapse before their time",
        _in("checkout/checkout"),
        "checkout.expires_at <= clock.now()",
        "checkout.expires_at >= clock.now()",
        ("tests/serving/test_worker.py",),
    ),
)
ENDS = (
    Bug(
        "a used card is cancelled",
        _in("cards/endings"),
        "    if has_been_used(locked.card.id):\n        raise CardAlreadyUsed\n",
        "",
        (ENDINGS,),
    ),
    Bug(
        "a card is cancelled under an open order",
        _in("cards/endings"),
        "CardAlreadyUsed\n    if locked.position.held_minor:\n        raise CardInUse\n",
        "CardAlreadyUsed\n",
        (ENDINGS, CHECKOUT),
    ),
    Bug(
        "a replaced card stays open",
        _in("cards/endings"),
        '    locking.set_state(locked, "replaced")\n',
        "",
        (ENDINGS,),
    ),
    Bug(
        "a card expires before its date",
        _in("cards/endings"),
        "if card.status != values.EXPIRED:",
        "if False:",
        (ENDINGS,),
    ),
    Bug(
        "a card is dead on its last day",
        _in("cards/values"),
        "expires_at <= clock.now()",
        "(expires_at - clock.now()).days < 1",
        (CARDS,),
    ),
    Bug(
        "a validity counts from the issue",
        _in("cards/validity"),
        "first = days.day_of(deliver_at or issued_at, zone)",
        "first = days.day_of(issued_at, zone)",
        ("tests/domain/cards/test_validity.py",),
    ),
    Bug(
        "a card that waits is over on the day that is expected",
        _in("cards/validity"),
        "days.end_of(last, zone) if deliver_at is None else None)\n\n\ndef require",
        "days.end_of(last, zone))\n\n\ndef require",
        ("tests/domain/cards/test_validity.py",),
    ),
    Bug(
        "who has not received a card is reminded of it",
        _in("mail/reminders"),
        "GiftCard.deliver_at.is_null() | GiftCard.delivered_at.is_null(False),",
        "",
        ("tests/domain/mail/test_reminders.py",),
    ),
    Bug(
        "staff give money to themselves",
        _in("cards/receivers"),
        'by.kind == "staff" and email and',
        'by.kind == "api" and email and',
        ("tests/domain/cards/test_receivers.py",),
    ),
    Bug(
        "money that is held is corrected away",
        _in("cards/lifecycle"),
        "if -change.minor > card.available.minor:",
        "if -change.minor > card.balance.minor:",
        (CARDS,),
    ),
    Bug(
        "an agent proceeds over the order's total",
        _in("desk/order_cards"),
        "(may_exceed and by.role in MAY_EXCEED)",
        "may_exceed",
        (ON_ORDERS,),
    ),
    Bug(
        "refunds do not count against the order's total",
        _in("desk/order_cards"),
        "self.total - self.refunded - self.issued - self.new",
        "self.total - self.issued - self.new",
        (ON_ORDERS,),
    ),
)
REFUNDED = (
    Bug(
        "more is refunded than was paid",
        _in("refunds/refunds"),
        "if payment.left < amount:",
        "if False:",
        (REFUNDS,),
    ),
    Bug(
        "what was charged back is refunded too",
        _in("payments/payments"),
        "self.captured_minor - self.refunded_minor - self.charged_back_minor",
        "self.captured_minor - self.refunded_minor",
        (REFUNDS,),
    ),
    Bug(
        "a part that is refunded denies the shipping",
        _in("orders/consequences"),
        "return self.left_minor == 0 and self.had_payments and not is_open",
        "return not is_open",
        (REFUNDS,),
    ),
    Bug(
        "an order that was shipped is denied",
        _in("refunds/follow_up"),
        "    if found.fulfilment == SHIPPED:\n        return order\n",
        "",
        (REFUNDS,),
    ),
    Bug(
        "a refund that failed stays counted",
        _in("refunds/results"),
        "records.change_counters(payment, refunded_minor=-refund.amount_minor)",
        "pass",
        (REFUNDS,),
    ),
    Bug(
        "a bonus is taken back whole for a part",
        _in("orders/consequences"),
        "target = facts.earning.target_minor(issued) if is_paid else 0",
        "target = 0",
        (BONUS,),
    ),
    Bug(
        "a chargeback is claimed on a gift card",
        _in("desk/orders"),
        "    if payment.is_gift_card:\n        raise GiftCardNotAllowed",
        "    if False:\n        raise GiftCardNotAllowed",
        (REFUNDS,),
    ),
    Bug(
        "an upsell is not paid in full",
        _in("orders/placing"),
        "if paid != grown.total - order.total:",
        "if paid > grown.total - order.total:",
        (ORDERS, CHECKOUT),
    ),
)
TRACES = (
    Bug(
        "a shipment leaves no entry",
        _in("desk/orders"),
        'audit.record(by=by, action="order.shipped", subject=order_id, is_test=order.is_test)',
        "pass",
        (ORDERS,),
    ),
    Bug(
        "a card is sent again without an entry",
        _in("cards/holder"),
        '    audit.record(by=by, action="gift_card.sent_again", subject=card_id,'
        " is_test=card.is_test)\n",
        "",
        (CARDS,),
    ),
    Bug(
        "a code is shown without an entry",
        _in("cards/holder"),
        "by=by, action=SHOWN, subject=card_id, reason=reason",
        'by=by, action="gift_card.looked_at", subject=card_id, reason=reason',
        (CARDS,),
    ),
    Bug(
        "a freeze leaves no reason",
        _in("cards/lifecycle"),
        '        action="gift_card.frozen",\n        subject=card_id,\n        reason=reason,\n',
        '        action="gift_card.frozen",\n        subject=card_id,\n',
        (CARDS,),
    ),
    Bug(
        "no shop hears of a balance",
        _in("cards/locking"),
        '    queue_event("gift_card.balance_changed", moved.card)\n',
        "",
        (CHECKOUT,),
    ),
    Bug(
        "a recharge sends no mail",
        _in("cards/lifecycle"),
        "    if send_email:\n        data =",
        "    if False:\n        data =",
        (CARDS,),
    ),
    Bug(
        "a row is changed past its seal",
        _in("audit/seals"),
        "of(name, before | changed) if is_whole else found[-1]",
        "found[-1]",
        (ENDINGS,),
    ),
    Bug(
        "an honest change covers up another one",
        _in("audit/seals"),
        "of(name, before | changed) if is_whole else found[-1]",
        "of(name, before | changed)",
        (AUDIT,),
    ),
)
SECRETS = (
    Bug(
        "a code is kept unsealed",
        _in("cards/locking"),
        '"code_sealed": sealed,',
        '"code_sealed": code.encode(),',
        (CARDS,),
    ),
    Bug(
        "a code stands in the note",
        _in("cards/new_card"),
        "**{name: getattr(new, name) for name in _TERMS},",
        '**{name: getattr(new, name) for name in _TERMS} | {"note": code},',
        (CARDS,),
    ),
    Bug(
        "the index of a code needs no key",
        "giftweb/codes.py",
        "return (version or keys.ring().newest).index_of(code.encode())",
        "return code.encode().ljust(32)",
        (CODES,),
    ),
    Bug(
        "a typing error is not found",
        "giftweb/codes.py",
        "return check_character(code[:-1]) == code[-1]",
        "return True",
        (CODES,),
    ),
    Bug(
        "a spreadsheet runs what somebody typed",
        _in("csv_sheets"),
        '    return f"\'{text}"',
        "    return text",
        (FILES,),
    ),
    Bug(
        "a note is not escaped",
        "giftweb/templates/_macros/parts.html",
        "{%- else %}<bdi>{{ item.text }}</bdi>{% endif -%}",
        "{%- else %}<bdi>{{ item.text|safe }}</bdi>{% endif -%}",
        (HOUSE,),
    ),
    Bug(
        "guessing costs nothing",
        _in("throttle/tries"),
        "    if ends_at <= trier.now:\n        return",
        "    if True:\n        return",
        (THROTTLE,),
    ),
    Bug(
        "one IPv6 client is many",
        _in("throttle/sources"),
        "_network(found, 64)",
        "_network(found, 128)",
        (THROTTLE,),
    ),
    Bug(
        "a webhook reaches an inner address",
        "giftweb/gateways/addresses.py",
        "not all(may_reach(address) for address in addresses)",
        "not any(may_reach(address) for address in addresses)",
        ("tests/gateways/test_webhook_sender.py",),
    ),
)
DOORS = (
    Bug(
        "everybody at the desk manages people",
        "giftweb/web/access/rights.py",
        '"people.index": ROOT,',
        '"people.index": SIGNED_IN,',
        (RIGHTS,),
    ),
    Bug(
        "agents correct balances",
        "giftweb/web/access/rights.py",
        '"card_actions.adjust": LEADS,',
        '"card_actions.adjust": AGENTS,',
        (RIGHTS, "tests/web/test_gift_cards_card.py"),
    ),
    Bug(
        "agents see codes",
        "giftweb/web/access/rights.py",
        '"card_actions.reveal": LEADS,',
        '"card_actions.reveal": AGENTS,',
        (RIGHTS, "tests/web/test_gift_cards_card.py"),
    ),
    Bug(
        "what nobody listed is open",
        "giftweb/web/access/gate.py",
        "isinstance(needed, frozenset) else needed is SIGNED_IN",
        "isinstance(needed, frozenset) else True",
        (RIGHTS,),
    ),
    Bug(
        "anybody may frame the pages",
        "giftweb/web/http/security.py",
        "def policy(ancestors: str = \"'none'\",",
        'def policy(ancestors: str = "*",',
        (SECURITY,),
    ),
    Bug(
        "another site's form is taken",
        "giftweb/web/http/security.py",
        "    if not is_own:\n",
        "    if False:\n",
        (SECURITY, "tests/web/test_balance.py"),
    ),
    Bug(
        "a shop sees another shop's cards",
        _in("cards/values"),
        "(campaign_id is not None and found[0].campaign_id != campaign_id)",
        "False",
        (API,),
    ),
    Bug(
        "a shop sees another shop's orders",
        _in("orders/values"),
        "conditions.append(models.Order.campaign == campaign_id)",
        "pass",
        (API,),
    ),
    Bug(
        "a test key sees live cards",
        _in("cards/values"),
        "if is_test is not None and found[0].is_test != is_test:",
        "if False:",
        (API,),
    ),
    Bug(
        "a revoked key goes on",
        _in("campaigns/api_keys"),
        "k.key_hash = ? AND k.revoked_at IS NULL",
        "k.key_hash = ?",
        ("tests/domain/campaigns/test_api_keys.py",),
    ),
    Bug(
        "one key, two requests",
        _in("idempotency"),
        "    if found.fingerprint != fingerprint:\n        raise IdempotencyKeyReused\n",
        "",
        (KEYS,),
    ),
    Bug(
        "test and live keys share their scope",
        _in("campaigns/api_keys"),
        "{'test' if self.is_test else 'live'}",
        "all",
        (KEYS, API),
    ),
)
RECHARGED = (
    Bug(
        "a card is recharged whatever has become of it",
        _in("checkout/checkout"),
        "    orders.recharges.require_open(checkout)\n    parts = ",
        "    parts = ",
        (RECHARGES,),
    ),
    Bug(
        "a provider is asked to pay what cannot be done",
        _in("checkout/checkout"),
        "    orders.recharges.require_open(checkout)\n    until = ",
        "    until = ",
        (RECHARGES,),
    ),
    Bug(
        "anybody recharges any card",
        _in("orders/recharges"),
        "if card.holder_email is None or card.holder_email != email:",
        "if False:",
        (RECHARGES,),
    ),
    Bug(
        "a recharge makes a new card as well",
        _in("orders/fulfilment"),
        "            continue\n",
        "            pass\n",
        (RECHARGES,),
    ),
    Bug(
        "a recharge stays when its order is refunded",
        _in("orders/facts"),
        "return credits + [(RECHARGE, credit) for credit in _recharges(line.order == order.id)]",
        "return credits",
        (RECHARGES,),
    ),
    Bug(
        "a recharge is taken back with the holder's later money",
        _in("orders/facts"),
        "ledger.funding.left_of(credit.id, remainders)",
        "sum(remainder.left_minor for remainder in remainders)",
        (RECHARGES,),
    ),
    Bug(
        "a recharge is taken back though an order holds it",
        _in("orders/facts"),
        "_left_of(credit, unheld)",
        "_left_of(credit, remainders)",
        (RECHARGES,),
    ),
    Bug(
        "a shortfall is recorded with each refund anew",
        _in("orders/consequences"),
        "due = funded.credit.left_minor - funded.known_minor",
        "due = funded.credit.left_minor",
        (RECHARGES,),
    ),
    Bug(
        "a deleted card keeps the price of its recharges",
        _in("desk/card_withdrawal"),
        "return prices + [_price(each, _paid_minor(each), is_recharge=True) for each in found]",
        "return prices",
        (RECHARGES,),
    ),
    Bug(
        "a chargeback leaves the recharged card open",
        _in("orders/facts"),
        "issued] + [(RECHARGE, each) for each in recharged]",
        "issued]",
        (RECHARGES,),
    ),
)
BUGS = (*FAULTS, *LOCKS, *MONEY, *CARTS, *ENDS, *REFUNDED, *RECHARGED, *TRACES, *SECRETS, *DOORS)
