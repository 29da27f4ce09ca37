"""A PostgreSQL and its synchronous standby: what one has acknowledged, the other one has."""

import time

import psycopg

from tests import postgres
from tests.postgres import SETTINGS, Cluster

NAME = "standby"
LEADING = {**SETTINGS, "wal_level": "replica", "max_wal_senders": "8", "hot_standby": "on"}
PATIENCE = 60


class Pair:
    """Two servers, one of which leads; after a failover the other one is made anew."""

    def __init__(self) -> None:
        self.leader = postgres.new_cluster(LEADING)
        self.leader.url()
        self.follower = self._followed_at(postgres.free_port())

    def url(self, database: str = "postgres") -> str:
        """The address that finds whichever of the two leads (docs/operating.md)."""
        ports = ",".join(f"127.0.0.1:{each.port}" for each in (self.leader, self.follower))
        return f"postgresql://postgres@{ports}/{database}?target_session_attrs=read-write"

    def fail_over(self) -> None:
        """The leader stops at once, and the standby leads."""
        self.leader.stop()
        self.follower.promote()

    def renew(self) -> None:
        """What led before is made anew, as the standby of the one that leads now."""
        gone, self.leader = self.leader, self.follower
        port = gone.port
        gone.remove()
        self.follower = self._followed_at(port)

    def remove(self) -> None:
        """Stop both and throw them away."""
        self.follower.remove()
        self.leader.remove()

    def _followed_at(self, port: int) -> Cluster:
        """A standby of the leader; from now on each commit waits for it."""
        follower = postgres.new_cluster(LEADING)
        follower.follow(self.leader, name=NAME, port=port)
        with psycopg.connect(self.leader.url(), autocommit=True) as connection:
            connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{NAME}'")
            connection.execute("SELECT pg_reload_conf()")
            _wait_until_it_is_followed(connection)
        return follower


def _wait_until_it_is_followed(connection: psycopg.Connection) -> None:
    until, states = time.monotonic() + PATIENCE, []
    while time.monotonic() < until:
        asked = "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'"
        states = connection.execute(asked).fetchall()
        if states == [("sync",)]:
            return
        time.sleep(0.05)
    raise AssertionError(f"the standby does not follow: {states}")
