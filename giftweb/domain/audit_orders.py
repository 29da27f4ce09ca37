"""The invariants of orders, payments and refunds as queries: (name, text, sql) each."""

TOTAL = "o.items_minor - o.discount_minor + o.tax_minor + o.shipping_minor"

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
        "I14 orders are paid",
        "total {}, paid {}",
        f"SELECT o.id, {TOTAL}, COALESCE((SELECT SUM(p.amount_minor) FROM payment p"
        " WHERE p.order_id = o.id), 0) FROM orders o"
        f" WHERE {TOTAL} <> COALESCE((SELECT SUM(p.amount_minor) FROM payment p"
        " WHERE p.order_id = o.id), 0)",
    ),
    (
        "I14 items add up",
        "items {}, its lines {}",
        "SELECT o.id, o.items_minor, COALESCE((SELECT SUM(i.unit_minor * i.quantity)"
        " FROM order_item i WHERE i.order_id = o.id), 0) FROM orders o"
        " WHERE o.items_minor <> COALESCE((SELECT SUM(i.unit_minor * i.quantity)"
        " FROM order_item i WHERE i.order_id = o.id), 0)",
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
        "I17 fully refunded",
        "{} while {} of its payments are left",
        "SELECT o.id, o.status, (SELECT SUM(p.amount_minor - p.refunded_minor) FROM payment p"
        " WHERE p.order_id = o.id) FROM orders o"
        " WHERE o.status IN ('shipping_denied', 'cancelled')"
        " AND (SELECT SUM(p.amount_minor - p.refunded_minor - p.charged_back_minor)"
        " FROM payment p WHERE p.order_id = o.id) > 0"
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
        "I24 one bonus",
        "{} bonus cards of one campaign",
        "SELECT order_id, COUNT(*) FROM gift_card WHERE origin = 'campaign'"
        " AND order_id IS NOT NULL GROUP BY campaign_id, order_id HAVING COUNT(*) > 1",
    ),
)
