"""Every table, in reading order. Its constraints stand with it, its guards in database.guards."""

from giftweb.tables.books import (
    AuditRun,
    BonusDue,
    BonusOrder,
    BonusSum,
    BookExport,
    ClosedMonth,
    DailyAge,
    DailyLife,
    DailySum,
    DailySumEnd,
    MonthlyAge,
    MonthlyLife,
    MonthlySum,
)
from giftweb.tables.campaigns import (
    BONUS_BASES,
    COVERS,
    ApiKey,
    Campaign,
    CampaignOrigin,
    Product,
    Rate,
    WebhookEndpoint,
)
from giftweb.tables.cards import CodeFormat, GiftCard
from giftweb.tables.checkouts import Checkout, Hold
from giftweb.tables.counter import CounterEntry
from giftweb.tables.imports import CardImport, CardImportPart
from giftweb.tables.ledger import (
    FUNDED,
    FUNDING,
    KINDS,
    SYSTEM_ACCOUNTS,
    Account,
    AuditEntry,
    IdempotencyKey,
    LedgerCheckpoint,
    Redaction,
    Transfer,
)
from giftweb.tables.orders import (
    Approval,
    Chargeback,
    Note,
    Order,
    OrderIssue,
    OrderItem,
    Payment,
    Refund,
    Shortfall,
    WorkSeen,
)
from giftweb.tables.outbox import Delivery, Event, Mail, ReminderRefusal
from giftweb.tables.people import (
    ROLES,
    Customer,
    CustomerSession,
    DailyUse,
    KeyVersion,
    Passkey,
    RecoveryCode,
    Setting,
    SignInLink,
    SignInRequest,
    Staff,
    StaffLink,
    StaffSession,
    UsedChallenge,
)
from giftweb.tables.presents import Picture, ProductPicture, WalletPass
from giftweb.tables.reviews import CardReview, RiskAssessment

LEDGER = (AuditEntry, Redaction, Account, Transfer, IdempotencyKey, LedgerCheckpoint)
PEOPLE = (
    Staff,
    StaffSession,
    StaffLink,
    RecoveryCode,
    Passkey,
    UsedChallenge,
    Customer,
    SignInRequest,
    SignInLink,
    CustomerSession,
    Setting,
    DailyUse,
)
CAMPAIGNS = (Campaign, CampaignOrigin, ApiKey, WebhookEndpoint, Product, Rate)
CARDS = (KeyVersion, CodeFormat, GiftCard)
CHECKOUTS = (Checkout, Hold)
ORDERS = (
    Order,
    OrderItem,
    Payment,
    Refund,
    OrderIssue,
    Note,
    Chargeback,
    Shortfall,
    CardReview,
    RiskAssessment,
    Approval,
    WorkSeen,
)
OUTBOX = (Mail, Event, Delivery, ReminderRefusal)
COUNTER = (CounterEntry,)
PRESENTS = (Picture, ProductPicture, WalletPass)
BOOKS = (
    *(DailySum, MonthlySum, DailyAge, MonthlyAge, DailyLife, MonthlyLife, DailySumEnd),
    *(BonusOrder, BonusSum, BonusDue, ClosedMonth, BookExport, AuditRun),
)

IMPORTS = (CardImport, CardImportPart)

TABLES = (
    *LEDGER,
    *PEOPLE,
    *CAMPAIGNS,
    *CARDS,
    *CHECKOUTS,
    *ORDERS,
    *OUTBOX,
    *PRESENTS,
    *COUNTER,
    *BOOKS,
    *IMPORTS,
)

__all__ = [
    "BONUS_BASES",
    "COVERS",
    "FUNDED",
    "FUNDING",
    "KINDS",
    "ROLES",
    "SYSTEM_ACCOUNTS",
    "TABLES",
    *(table.__name__ for table in TABLES),
]
