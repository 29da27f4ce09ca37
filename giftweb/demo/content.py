"""Who and what the demo shop is made of."""

PEOPLE = (
    ("root", "Rita Vance"),
    ("customer_service_admin", "Abel Moreau"),
    ("customer_service", "Amy Lindqvist"),
    ("marketing", "Marco Silva"),
    ("finance", "Fiona Okafor"),
    ("cashier", "Cleo Marsh"),
)
"""(role, name): one sign-in a role."""

DOMAIN = "giftweb.example"

CUSTOMERS = (
    "Ann Smith",
    "Bruno Keller",
    "Chiara Rossi",
    "David Osei",
    "Elena Petrova",
    "Femi Adeyemi",
    "Grace Liu",
    "Hugo Martin",
    "Ines Almeida",
    "Jonas Berg",
    "Keiko Tanaka",
    "Liam Byrne",
    "Mona Haddad",
    "Noah Jensen",
    "Olga Novak",
    "Priya Raman",
)

STREETS = (
    ("12 Harbour Lane", "Portland", "97201", "US", "OR"),
    ("4 Mill Road", "Austin", "73301", "US", "TX"),
    ("77 Lake Street", "Chicago", "60601", "US", "IL"),
    ("9 Orchard Close", "Boston", "02108", "US", "MA"),
)

GOODS = (
    ("BOOK-TIDE", "The Tide Tables", 2400),
    ("BOOK-MAPS", "Maps of the Northern Coast", 4800),
    ("MUG-BLUE", "Enamel mug, blue", 1800),
    ("LAMP-READ", "Reading lamp", 7000),
    ("TOTE-SAIL", "Tote bag made of sailcloth", 3200),
    ("POSTER-LH", "Lighthouse poster", 2600),
    ("PEN-BRASS", "Brass pen", 5500),
    ("TEA-BOX", "Box of harbour tea", 1500),
    ("GLOBE-SM", "Small globe", 9500),
    ("BLANKET", "Wool blanket", 12000),
)
"""(sku, name, price in cents)"""

GIFT_CARDS: tuple[dict, ...] = (
    {
        "sku": "GIFT-CARD",
        "name": "Gift card by mail",
        "description": "Choose an amount. It is mailed on the day you want, with your words.",
        "card_type": "virtual",
        "amounts_minor": (2500, 5000, 10_000),
        "open_least_minor": 1000,
        "open_most_minor": 50_000,
        "allows_message": True,
    },
    {
        "sku": "GIFT-CARD-PRINTED",
        "name": "Gift card in an envelope",
        "description": "Printed on thick paper, sent by post.",
        "card_type": "physical",
        "amounts_minor": (5000, 10_000, 20_000),
        "requires_shipping": True,
    },
    {
        "sku": "GIFT-CARD-BOTH",
        "name": "Gift card by mail and by post",
        "description": "The code at once, the card to unwrap in a few days.",
        "card_type": "combined",
        "open_least_minor": 2000,
        "open_most_minor": 30_000,
        "requires_shipping": True,
        "allows_message": True,
    },
)

UPSELL = ("WRAP-GIFT", "Gift wrapping", 600)

MESSAGES = (
    "Happy birthday! Choose something you would never buy yourself.",
    "Thank you for everything.",
    "For the new house.",
    None,
)

REASONS = (
    "The parcel arrived late",
    "A page was torn",
    "Sorry for the mix-up with the address",
    "Thank you for your patience",
)
