"""How long the program waits for a database: for a lock, a connection, an answer."""

LOCK_SECONDS = 5
"""For another transaction's lock, on both engines, and on SQLite for the turn before it; then the
answer is 503."""

CONNECT_SECONDS = 3
"""For each PostgreSQL host of the address."""

STATEMENT_SECONDS = 6
ANSWER_SECONDS = 7
"""In a web process: the server ends a statement that runs longer than the first, and a connection
is given up on which nothing has been answered for the second."""

IDLE_SECONDS = 15
"""In a web process: the server ends a transaction that is sent nothing for so long."""

LOST_PEER = {"keepalives_idle": 3, "keepalives_interval": 1, "keepalives_count": 3}
LOST_PEER_MILLISECONDS = 5000
"""When nothing comes back from the other machine, not even from its network card, both sides give
the connection up after about so long: a dead client keeps no lock, a dead server nobody waiting."""


def address_parameters() -> dict[str, int]:
    """The settings of libpq, unless the database's address has others."""
    return {
        "connect_timeout": CONNECT_SECONDS,
        "tcp_user_timeout": LOST_PEER_MILLISECONDS,
        **LOST_PEER,
    }


def session_settings(*, is_web: bool) -> str:
    """The settings of the server, as libpq's ``options``."""
    settings = {
        "timezone": "UTC",
        "lock_timeout": f"{LOCK_SECONDS}s",
        "tcp_user_timeout": LOST_PEER_MILLISECONDS,
        **{f"tcp_{name}": value for name, value in LOST_PEER.items()},
    }
    if is_web:
        settings["statement_timeout"] = f"{STATEMENT_SECONDS}s"
        settings["idle_in_transaction_session_timeout"] = f"{IDLE_SECONDS}s"
    return " ".join(f"-c {name}={value}" for name, value in settings.items())
