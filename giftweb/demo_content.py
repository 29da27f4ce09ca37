"""Who and what the demo shop is made of."""

PEOPLE = (
    ("root", "Rita Vance"),
    ("customer_service_admin", "Abel Moreau"),
    ("customer_service", "Amy Lindqvist"),
    ("marketing", "Marco Silva"),
    ("finance", "Fiona Okafor"),
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

UPSELL = ("WRAP-GIFT", "Gift wrapping", 600)

RATES = (
    ("EUR", "USD", "1.1642"),
    ("GBP", "USD", "1.3391"),
    ("CAD", "USD", "0.7288"),
    ("USD", "JPY", "149.35"),
)
"""(base, quote, rate) of the day the demo begins."""

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
