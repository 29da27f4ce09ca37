"""The invariants of orders, payments and refunds as queries: (name, text, sql) each."""

TOTAL = "o.items_minor - o.discount_minor + o.tax_minor + o.shipping_minor"

_IDLE = (
    "CASE WHEN c.bonus_on_gift_cards THEN 0 ELSE CAST(COALESCE((SELECT"
    " SUM(i.unit_minor * i.quantity - i.discount_minor + i.tax_minor) FROM order_item i"
    " WHERE i.order_id = o.id AND i.kind = 'gift_card'), 0) AS BIGINT) END"
)
"""What was paid for gift cards, where they earn no bonus (D30)."""

_EARNED = (
    "CASE WHEN idle > 0 AND total - idle <= shipping OR total - idle < minimum THEN 0"
    " WHEN absolute_on THEN absolute"
    " WHEN (total - idle - unearned) * hundredths / 10000 > cap THEN cap"
    " ELSE (total - idle - unearned) * hundredths / 10000 END"
)
"""What the rule of ``campaigns.settings`` gives, as long as nobody has changed the settings."""

_UNCHANGED = (
    "NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.subject = c.id"
    " AND e.action = 'campaign.changed' AND e.at > g.created_at - 60000000)"
)
"""An order may be placed by the settings that it read a moment before they were changed."""

_GIVEN_UP = (
    "({0}.part > 0 AND EXISTS (SELECT 1 FROM payment q WHERE q.order_id = {0}.order_id"
    " AND q.part = {0}.part AND q.state = 'cancelled'))"
)
"""Whether a payment or a line is of something that was to be added and was never paid."""

_PAYMENTS = (
    "COALESCE((SELECT SUM(p.amount_minor) FROM payment p WHERE p.order_id = o.id"
    f" AND NOT {_GIVEN_UP.format('p')}), 0)"
)
"""What was or is to be paid for an order: not for what was given up."""

_LINES = (
    "COALESCE((SELECT SUM(i.unit_minor * i.quantity)"
    f" FROM order_item i WHERE i.order_id = o.id AND NOT {_GIVEN_UP.format('i')}), 0)"
)
"""A line that was paid and taken off again counts: what was paid for it is refunded."""

ORDER_CHECKS = (
    (
        "I3 orders in one mode",
        "the payment's card or currency is of another book",
        "SELECT p.id FROM payment p JOIN orders o ON o.id = p.order_id"
        " LEFT JOIN gift_card g ON g.id = p.gift_card_id"
        " WHERE p.is_test <> o.is_test OR p.currency <> o.currency"
        " OR (g.id IS NOT NULL AND (g.is_test <> o.is_test OR g.currency <> p.card_currency))",
    ),
    (
        "I14 taxed by its rate",
        "its lines have {} of tax, its rate gives {}",
        "SELECT id, tax, due FROM (SELECT o.id, CAST(SUM(i.tax_minor) AS BIGINT) AS tax,"
        " CASE WHEN o.tax_included THEN 0 ELSE (2 * o.tax_hundredths * CAST(SUM(CASE i.kind"
        " WHEN 'goods' THEN i.unit_minor * i.quantity - i.discount_minor ELSE 0 END) AS BIGINT)"
        " + 10000) / 20000 END AS due FROM orders o JOIN order_item i ON i.order_id = o.id"
        " WHERE o.tax_hundredths IS NOT NULL AND i.part = 0"
        " GROUP BY o.id, o.tax_included, o.tax_hundredths) taxed WHERE tax <> due",
    ),
    (
        "I3 refunds in one book",
        "its payment is in {}",
        "SELECT r.id, p.currency FROM refund r JOIN payment p ON p.id = r.payment_id"
        " WHERE r.currency <> p.currency OR r.order_id <> p.order_id",
    ),
    (
        "I12 captured for their order",
        "the hold or the transfer behind this payment is another order's",
        "SELECT p.id FROM payment p JOIN orders o ON o.id = p.order_id"
        " LEFT JOIN transfer t ON t.id = p.transfer_id LEFT JOIN hold h ON h.id = p.hold_id"
        " WHERE p.method = 'gift_card' AND (t.id IS NULL OR t.kind <> 'capture'"
        " OR t.order_id IS NULL OR t.order_id <> p.order_id OR t.card_id <> p.gift_card_id"
        " OR t.amount_minor <> p.card_minor OR (p.hold_id IS NOT NULL AND (h.id IS NULL"
        " OR h.checkout_id <> o.checkout_id OR h.card_id <> p.gift_card_id"
        " OR COALESCE(h.transfer_id, '') <> p.transfer_id)))",
    ),
    (
        "I14 captures pay orders",
        "{} was taken and pays no order",
        "SELECT t.id, t.amount_minor FROM transfer t LEFT JOIN payment p"
        " ON p.order_id = t.order_id AND p.transfer_id = t.id"
        " WHERE t.kind = 'capture' AND p.id IS NULL",
    ),
    (
        "I14 orders are paid",
        "total {}, paid {}",
        f"SELECT o.id, {TOTAL}, {_PAYMENTS} FROM orders o WHERE {TOTAL} <> {_PAYMENTS}",
    ),
    (
        "I14 items add up",
        "items {}, its lines {}",
        f"SELECT o.id, o.items_minor, {_LINES} FROM orders o WHERE o.items_minor <> {_LINES}",
    ),
    (
        "I37 shares add up",
        "discount {} and tax {}, its lines have {} and {}",
        "SELECT o.id, o.discount_minor, o.tax_minor, SUM(i.discount_minor), SUM(i.tax_minor)"
        " FROM orders o JOIN order_item i ON i.order_id = o.id"
        f" AND NOT {_GIVEN_UP.format('i')} GROUP BY o.id, o.discount_minor, o.tax_minor"
        " HAVING o.discount_minor <> SUM(i.discount_minor) OR o.tax_minor <> SUM(i.tax_minor)",
    ),
    (
        "I14 recharges are done",
        "bought a recharge of {}, and no top-up of this order is as much",
        "SELECT i.id, i.unit_minor FROM order_item i JOIN orders o ON o.id = i.order_id"
        " LEFT JOIN transfer t ON t.id = i.transfer_id WHERE i.recharges_id IS NOT NULL"
        " AND NOT (i.transfer_id IS NULL AND EXISTS (SELECT 1 FROM payment p"
        " WHERE p.order_id = i.order_id AND p.part = i.part AND p.state <> 'captured'))"
        " AND (t.id IS NULL OR t.kind <> 'top_up' OR t.from_account <> 'sales'"
        " OR COALESCE(t.order_id, '') <> i.order_id OR t.card_id <> i.recharges_id"
        " OR t.is_test <> o.is_test OR t.amount_minor <> i.card_minor OR i.quantity <> 1"
        " OR (t.currency = o.currency AND t.amount_minor <> i.unit_minor))",
    ),
    (
        "I14 recharges are bought",
        "{} was put on the card for an order that bought no such recharge",
        "SELECT t.id, t.amount_minor FROM transfer t LEFT JOIN order_item i"
        " ON i.order_id = t.order_id AND i.recharges_id = t.card_id AND i.transfer_id = t.id"
        " WHERE t.kind = 'top_up' AND t.order_id IS NOT NULL AND i.id IS NULL",
    ),
    (
        "I15 what cards may pay",
        "cards paid {}, the policy allows {}",
        "SELECT o.id, SUM(p.amount_minor - p.refunded_minor), o.covers_minor FROM orders o"
        " JOIN payment p ON p.order_id = o.id AND p.method = 'gift_card'"
        " GROUP BY o.id, o.covers_minor"
        " HAVING SUM(p.amount_minor - p.refunded_minor) > o.covers_minor",
    ),
    (
        "I16 refunds",
        "refunded {} by its own count, {} by its refunds, of {}",
        "SELECT p.id, p.refunded_minor, COALESCE(SUM(r.amount_minor), 0), p.amount_minor"
        " FROM payment p LEFT JOIN refund r ON r.payment_id = p.id AND r.status <> 'failed'"
        " GROUP BY p.id, p.refunded_minor, p.amount_minor"
        " HAVING p.refunded_minor <> COALESCE(SUM(r.amount_minor), 0)"
        " OR p.refunded_minor > p.amount_minor",
    ),
    (
        "I16 refunds to cards",
        "the refund of {} has no transfer to its card",
        "SELECT r.id, r.amount_minor FROM refund r JOIN payment p ON p.id = r.payment_id"
        " LEFT JOIN transfer t ON t.id = r.transfer_id"
        " WHERE p.method = 'gift_card' AND r.status = 'succeeded'"
        " AND (t.id IS NULL OR t.card_id <> r.gift_card_id)",
    ),
    (
        "I16 refunds of card payments",
        "{} went back by its own count, {} by the ledger",
        "SELECT p.id, p.card_refunded_minor, COALESCE(SUM(t.amount_minor), 0) FROM payment p"
        " LEFT JOIN transfer t ON t.parent_id = p.transfer_id AND t.kind = 'refund'"
        " GROUP BY p.id, p.card_refunded_minor"
        " HAVING p.card_refunded_minor <> COALESCE(SUM(t.amount_minor), 0)",
    ),
    (
        "I16 refunds to the card that paid",
        "went to {}, which is neither {} nor its replacement",
        "SELECT r.id, r.gift_card_id, p.gift_card_id FROM refund r"
        " JOIN payment p ON p.id = r.payment_id JOIN gift_card g ON g.id = r.gift_card_id"
        " WHERE p.method = 'gift_card' AND r.gift_card_id <> p.gift_card_id"
        " AND NOT (g.source = 'redemptions' AND COALESCE(g.order_id, '') = r.order_id)"
        " AND NOT EXISTS (WITH RECURSIVE chain (id) AS (SELECT g.id UNION"
        " SELECT s.older FROM chain JOIN (SELECT id AS newer, replaces_id AS older FROM gift_card"
        " WHERE replaces_id IS NOT NULL UNION ALL SELECT merged_into_id, id FROM gift_card"
        " WHERE merged_into_id IS NOT NULL) s ON s.newer = chain.id)"
        " SELECT 1 FROM chain WHERE chain.id = p.gift_card_id)",
    ),
    (
        "I17 fully refunded",
        "{} while {} of its payments are left",
        "SELECT o.id, o.status, (SELECT SUM(p.amount_minor - p.refunded_minor) FROM payment p"
        " WHERE p.order_id = o.id) FROM orders o"
        " WHERE o.status IN ('shipping_denied', 'cancelled')"
        " AND (SELECT SUM(p.amount_minor - p.refunded_minor - p.charged_back_minor)"
        " FROM payment p WHERE p.order_id = o.id AND p.state = 'captured') > 0"
        " AND NOT EXISTS (SELECT 1 FROM refund r WHERE r.order_id = o.id"
        " AND r.status = 'failed')",
    ),
    (
        "I18 shipping denied",
        "status {}, fulfilment {}",
        "SELECT o.id, o.status, o.fulfilment FROM orders o WHERE (o.status = 'shipping_denied'"
        " AND o.fulfilment <> 'cancelled') OR (o.status = 'placed' AND o.fulfilment = 'pending'"
        f" AND {TOTAL} > 0 AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.order_id = o.id"
        " AND p.refunded_minor < p.amount_minor)"
        " AND NOT EXISTS (SELECT 1 FROM refund r WHERE r.order_id = o.id"
        " AND r.status = 'claimed'))",
    ),
    (
        "I18 noted once",
        "{} system notes about Shipping Denied",
        "SELECT o.id, COUNT(n.id) FROM orders o LEFT JOIN note n ON n.subject = o.id"
        " AND n.staff_id IS NULL AND n.text LIKE 'Everything was refunded%Shipping Denied%'"
        " WHERE o.status = 'shipping_denied' GROUP BY o.id HAVING COUNT(n.id) <> 1",
    ),
    (
        "I19 nothing to charge",
        "a gift card payment with a reusable method",
        "SELECT id FROM payment WHERE method = 'gift_card' AND reusable_method IS NOT NULL",
    ),
    (
        "I20 test apart from live",
        "a card of the other mode was captured for this order",
        "SELECT o.id FROM transfer t JOIN orders o ON o.id = t.order_id"
        " WHERE t.is_test <> o.is_test",
    ),
    (
        "I23 cards on an order",
        "refunds {}, issued {}, new {} exceed {} and nobody proceeded",
        "SELECT card_id, refunded_minor, issued_minor, new_minor, total_minor FROM order_issue"
        " WHERE exceeded_by_id IS NULL AND refunded_minor + issued_minor + new_minor > total_minor",
    ),
    (
        "I23 cards on an order are recorded",
        "issued with {} on an order, recorded with {}",
        "SELECT g.id, g.initial_minor, COALESCE(i.new_minor, 0) FROM gift_card g"
        " LEFT JOIN order_issue i ON i.card_id = g.id AND i.order_id = g.order_id"
        " WHERE g.origin = 'order' AND COALESCE(i.new_minor, 0) <> g.initial_minor",
    ),
    (
        "I23 who proceeded",
        "{} issued it in the role {}",
        "SELECT i.card_id, e.actor_id, COALESCE(e.actor_role, 'none') FROM order_issue i"
        " JOIN transfer t ON t.card_id = i.card_id AND t.version = 1"
        " JOIN audit_entry e ON e.id = t.audit_id WHERE i.exceeded_by_id IS NOT NULL"
        " AND (e.actor_id <> i.exceeded_by_id"
        " OR COALESCE(e.actor_role, '') NOT IN ('customer_service_admin', 'root'))",
    ),
    (
        "I24 the amount of a bonus",
        "a bonus of {}, the campaign gives {}",
        f"SELECT id, initial_minor, earned FROM (SELECT id, initial_minor, {_EARNED} AS earned"
        f" FROM (SELECT g.id, g.initial_minor, {TOTAL} AS total, {_IDLE} AS idle,"
        " o.shipping_minor AS shipping, CASE WHEN c.bonus_base = 'without_shipping'"
        " THEN o.shipping_minor ELSE 0 END AS unearned, c.bonus_minimum_minor AS minimum,"
        " c.absolute_on, c.absolute_minor AS absolute, c.relative_hundredths AS hundredths,"
        " c.bonus_cap_minor AS cap FROM gift_card g JOIN orders o ON o.id = g.order_id"
        " JOIN campaign c ON c.id = g.campaign_id WHERE g.origin = 'campaign' AND NOT EXISTS"
        " (SELECT 1 FROM payment p WHERE p.order_id = o.id AND p.part > 0)"
        f" AND {_UNCHANGED}) s) r WHERE initial_minor <> COALESCE(earned, 0)",
    ),
    (
        "D30 earned by goods",
        "a bonus of {}, and the order has no goods",
        "SELECT g.id, g.initial_minor FROM gift_card g JOIN campaign c ON c.id = g.campaign_id"
        f" WHERE g.origin = 'campaign' AND NOT c.bonus_on_gift_cards AND {_UNCHANGED}"
        " AND NOT EXISTS (SELECT 1 FROM order_item i WHERE i.order_id = g.order_id"
        " AND i.part = 0 AND i.kind <> 'gift_card')",
    ),
    (
        "D22 no money, no bonus",
        "{} of a bonus stay, and no money of its order is left",
        "SELECT id, initial_minor - taken FROM (SELECT g.id, g.initial_minor,"
        " COALESCE((SELECT SUM(t.amount_minor) FROM transfer t WHERE t.card_id = g.id"
        " AND t.kind IN ('claw_back', 'cancel', 'expire')), 0)"
        " + COALESCE((SELECT SUM(s.amount_minor) FROM shortfall s WHERE s.card_id = g.id), 0)"
        " AS taken FROM gift_card g JOIN campaign c ON c.id = g.campaign_id"
        f" WHERE g.origin = 'campaign' AND g.state <> 'replaced' AND c.bonus_claw_back"
        f" AND {_UNCHANGED} AND EXISTS (SELECT 1 FROM payment p WHERE p.order_id = g.order_id)"
        " AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.order_id = g.order_id"
        " AND (p.refunded_minor < p.amount_minor OR p.state <> 'captured'))) r"
        " WHERE taken < initial_minor",
    ),
    (
        "D22 taken off and withdrawn",
        "its line {} was taken off, and the card is open",
        "SELECT g.id, i.id FROM gift_card g JOIN order_item i ON i.id = g.order_item_id"
        " WHERE i.taken_off_at IS NOT NULL AND g.state = 'open'"
        " AND g.origin IN ('purchase', 'stock')"
        " AND (g.expires_at IS NULL OR g.expires_at > i.taken_off_at)"
        " AND NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.subject = g.id"
        " AND e.action = 'gift_card.frozen') AND NOT EXISTS (SELECT 1 FROM transfer t"
        " WHERE t.card_id = g.id AND t.kind = 'top_up' AND t.order_id <> i.order_id)",
    ),
    (
        "D24 taken off and given back",
        "{} was paid for what was taken off, and {} went back",
        "SELECT order_id, share, gone FROM (SELECT i.order_id, i.part,"
        " SUM(i.unit_minor * i.quantity - i.discount_minor + i.tax_minor) AS share,"
        " (SELECT SUM(p.refunded_minor + p.charged_back_minor) FROM payment p"
        " WHERE p.order_id = i.order_id AND p.part = i.part) AS gone FROM order_item i"
        f" WHERE i.taken_off_at IS NOT NULL AND NOT {_GIVEN_UP.format('i')}"
        " GROUP BY i.order_id, i.part) s WHERE gone < share"
        " AND NOT EXISTS (SELECT 1 FROM refund r WHERE r.order_id = s.order_id"
        " AND r.status = 'failed') AND EXISTS (SELECT 1 FROM payment p"
        " WHERE p.order_id = s.order_id AND p.part = s.part AND p.method <> 'gift_card'"
        " AND p.refunded_minor + p.charged_back_minor < p.amount_minor)",
    ),
    (
        "I24 one bonus",
        "{} bonus cards of one campaign",
        "SELECT order_id, COUNT(*) FROM gift_card WHERE origin = 'campaign'"
        " AND order_id IS NOT NULL GROUP BY campaign_id, order_id HAVING COUNT(*) > 1",
    ),
    (
        "I34 bought with money that came",
        "its money is {}",
        "SELECT g.id, p.state FROM payment p JOIN order_item i ON i.order_id = p.order_id"
        " AND i.part = p.part JOIN gift_card g ON g.order_item_id = i.id"
        " WHERE p.state <> 'captured' AND g.origin IN ('purchase', 'stock') UNION ALL"
        " SELECT i.id, p.state FROM payment p JOIN order_item i ON i.order_id = p.order_id"
        " AND i.part = p.part WHERE p.state <> 'captured' AND i.transfer_id IS NOT NULL UNION ALL"
        " SELECT g.id, p.state FROM payment p JOIN gift_card g ON g.order_id = p.order_id"
        " WHERE p.part = 0 AND p.state <> 'captured' AND g.origin = 'campaign'",
    ),
    (
        "I34 sold with paid orders",
        "{} was put on a card for an order that is not paid",
        "SELECT t.id, t.amount_minor FROM transfer t JOIN orders o ON o.id = t.order_id"
        " WHERE o.paid_at IS NULL AND t.kind IN ('issue', 'top_up')"
        " AND t.from_account IN ('sales', 'promotions') AND NOT EXISTS (SELECT 1"
        " FROM order_item i LEFT JOIN gift_card g ON g.order_item_id = i.id"
        " WHERE i.order_id = o.id AND i.part > 0 AND (i.transfer_id = t.id OR g.id = t.card_id))",
    ),
    (
        "I34 paid when its money came",
        "paid at {}, and its payments say otherwise",
        "SELECT o.id, COALESCE(o.paid_at, 0) FROM orders o WHERE (o.paid_at IS NULL) <> EXISTS"
        " (SELECT 1 FROM payment p WHERE p.order_id = o.id AND p.part = 0"
        " AND p.state <> 'captured')",
    ),
    (
        "I34 refunds of what came",
        "{} was refunded or charged back, and the payment is {}",
        "SELECT id, refunded_minor + charged_back_minor, state FROM payment"
        " WHERE state <> 'captured' AND refunded_minor + charged_back_minor > 0",
    ),
    (
        "I14 the counter adds up",
        "its movement is another one than the day's list shows",
        "SELECT c.id FROM counter_entry c LEFT JOIN transfer t ON t.id = c.transfer_id"
        " WHERE t.id IS NULL OR t.is_test OR CASE c.kind"
        " WHEN 'redeemed' THEN NOT EXISTS (SELECT 1 FROM payment p WHERE p.order_id = c.order_id"
        " AND p.transfer_id = t.id AND p.amount_minor = c.amount_minor"
        " AND p.currency = c.currency)"
        " WHEN 'given_back' THEN NOT EXISTS (SELECT 1 FROM refund r WHERE r.order_id = c.order_id"
        " AND r.transfer_id = t.id AND r.amount_minor = c.amount_minor"
        " AND r.currency = c.currency)"
        " ELSE t.amount_minor <> c.amount_minor OR t.currency <> c.currency"
        " OR t.from_account <> 'sales' OR (t.version = 1) <> (c.kind <> 'recharged') END",
    ),
)
