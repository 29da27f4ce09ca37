"""Stock, PINs, bonds, successors and merges as queries: each finds the rows that break a rule."""

_STOPPED = (
    "SELECT subject FROM (SELECT subject, action, ROW_NUMBER() OVER (PARTITION BY subject"
    " ORDER BY number DESC) AS turn FROM audit_entry"
    " WHERE action IN ('gift_card.frozen', 'gift_card.unfrozen')) s"
    " WHERE turn = 1 AND action = 'gift_card.frozen'"
)
"""Cards that somebody has frozen and nobody has unfrozen, whatever became of them."""

CARD_CHECKS = (
    (
        "I40 stock is worth nothing",
        "not activated, with a balance of {}, {} transfers and {} held",
        "SELECT g.id, a.balance_minor, a.version, a.held_minor FROM gift_card g"
        " JOIN account a ON a.id = g.id WHERE g.state = 'inactive'"
        " AND (a.version > 0 OR a.balance_minor > 0 OR a.held_minor > 0 OR g.initial_minor > 0)",
    ),
    (
        "I40 activated once",
        "{} times something was put on it at its beginning",
        "SELECT g.id, COUNT(t.id) FROM gift_card g"
        " LEFT JOIN transfer t ON t.card_id = g.id AND t.kind = 'issue'"
        " WHERE g.origin = 'stock' AND g.state NOT IN ('inactive', 'cancelled')"
        " GROUP BY g.id HAVING COUNT(t.id) <> 1",
    ),
    (
        "I40 stock says so",
        "its origin is {}, and it is not activated",
        "SELECT id, origin FROM gift_card WHERE state = 'inactive' AND origin <> 'stock'",
    ),
    (
        "I41 bound to its holder",
        "paid by {}, which is bound to another customer",
        "SELECT p.id, g.id FROM payment p JOIN gift_card g ON g.id = p.gift_card_id"
        " JOIN orders o ON o.id = p.order_id WHERE g.bound_to_holder"
        " AND g.holder_email <> '' AND o.customer_email <> ''"
        " AND o.customer_email <> g.holder_email"
        " AND NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.subject = g.id"
        " AND e.action = 'gift_card.holder_corrected')",
    ),
    (
        "D23 successors inherit",
        "it is of another campaign, mode, currency or bond than {}, in whose place it is",
        "SELECT n.id, o.id FROM gift_card n JOIN gift_card o ON o.id = n.replaces_id"
        " WHERE n.campaign_id IS DISTINCT FROM o.campaign_id OR n.is_test <> o.is_test"
        " OR n.currency <> o.currency"
        " OR COALESCE(n.bound_to_holder, 1 = 0) <> COALESCE(o.bound_to_holder, 1 = 0)",
    ),
    (
        "I39 successors of frozen cards",
        "it replaces {}, which was frozen, and was never frozen itself",
        "SELECT n.id, n.replaces_id FROM gift_card n"
        f" JOIN ({_STOPPED}) f ON f.subject = n.replaces_id WHERE NOT EXISTS (SELECT 1"
        " FROM audit_entry e WHERE e.subject = n.id AND e.action = 'gift_card.frozen')",
    ),
    (
        "B26 nothing left before its release",
        "{} with its code was sent, and nobody has released the card",
        "SELECT r.card_id, m.id FROM card_review r JOIN mail m ON m.card_id = r.card_id"
        " WHERE COALESCE(r.decision, '') <> 'released' AND m.state IN ('sent', 'unclear')"
        " AND m.kind IN ('card_issued', 'card_resent', 'card_replaced', 'cards_purchased')",
    ),
    (
        "B26 refused cards",
        "refused, and its state is {}",
        "SELECT g.id, g.state FROM card_review r JOIN gift_card g ON g.id = r.card_id"
        " WHERE r.decision = 'refused' AND g.state <> 'cancelled'",
    ),
    (
        "B26 above limits waits",
        "bought above the limits of its campaign ({}), and nobody was asked to review it",
        "SELECT g.id, a.reason FROM risk_assessment a"
        " JOIN order_item i ON i.order_id = a.order_id AND i.part = a.part"
        " JOIN gift_card g ON g.order_item_id = i.id AND g.replaces_id IS NULL"
        " LEFT JOIN card_review r ON r.card_id = g.id WHERE a.reason <> '' AND r.id IS NULL",
    ),
    (
        "B26 assessed as bought",
        "{} cards, the dearest of {}, were assessed as {}, the dearest of {}",
        "SELECT a.id, COUNT(g.id), COALESCE(MAX(CASE WHEN g.currency = a.currency"
        " THEN g.initial_minor END), 0), a.cards, a.largest_minor FROM risk_assessment a"
        " JOIN order_item i ON i.order_id = a.order_id AND i.part = a.part"
        " JOIN gift_card g ON g.order_item_id = i.id AND g.replaces_id IS NULL"
        " GROUP BY a.id, a.cards, a.largest_minor HAVING COUNT(g.id) <> a.cards"
        " OR MAX(CASE WHEN g.currency = a.currency THEN g.initial_minor END) > a.largest_minor",
    ),
    (
        "B26 waits frozen",
        "waits for a review, and its state is {}",
        "SELECT g.id, g.state FROM card_review r JOIN gift_card g ON g.id = r.card_id"
        " WHERE r.decision IS NULL AND g.state NOT IN ('frozen', 'cancelled', 'replaced')",
    ),
    (
        "B25 merged whole",
        "merged with {} of the {} that its predecessors had",
        "SELECT g.id, COALESCE(t.amount_minor, 0), COALESCE(SUM(o.amount_minor), 0)"
        " FROM gift_card g LEFT JOIN transfer t ON t.card_id = g.id AND t.version = 1"
        " LEFT JOIN gift_card p ON p.merged_into_id = g.id"
        " LEFT JOIN transfer o ON o.card_id = p.id AND o.audit_id = t.audit_id"
        " WHERE g.origin = 'merge' GROUP BY g.id, t.amount_minor"
        " HAVING COALESCE(t.amount_minor, 0) <> COALESCE(SUM(o.amount_minor), 0)"
        " OR COUNT(p.id) < 2",
    ),
    (
        "B25 merged into a merged card",
        "merged into {}, whose origin is {}",
        "SELECT g.id, n.id, n.origin FROM gift_card g JOIN gift_card n ON n.id = g.merged_into_id"
        " WHERE n.origin <> 'merge'",
    ),
    (
        "B27 tax of a sale",
        "it keeps a tax of {} hundredths of a percent, its source is {}, its campaign {}",
        "SELECT id, voucher_tax_hundredths, source, campaign_id FROM gift_card"
        " WHERE voucher_tax_hundredths IS NOT NULL AND (voucher_tax_hundredths < 0"
        " OR voucher_tax_hundredths > 10000 OR campaign_id IS NULL"
        " OR source NOT IN ('sales', 'replacements'))",
    ),
    (
        "B27 tax of successors",
        "it keeps another rate of tax than {}, in whose place it is",
        "SELECT n.id, o.id FROM gift_card n JOIN gift_card o ON o.id = n.replaces_id"
        " WHERE n.voucher_tax_hundredths IS DISTINCT FROM o.voucher_tax_hundredths"
        " UNION ALL SELECT n.id, o.id FROM gift_card o JOIN gift_card n ON n.id = o.merged_into_id"
        " WHERE n.voucher_tax_hundredths IS DISTINCT FROM o.voucher_tax_hundredths",
    ),
    (
        "B27 rates of campaigns",
        "its rate of tax is {} hundredths of a percent",
        "SELECT id, voucher_tax_hundredths FROM campaign"
        " WHERE voucher_tax_hundredths < 0 OR voucher_tax_hundredths > 10000",
    ),
)
