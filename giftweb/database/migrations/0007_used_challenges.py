"""A challenge that a passkey has answered is kept until it is over, so that it counts once."""

from peewee import SqliteDatabase

SQLITE = (
    'CREATE TABLE "used_challenge" ("id" TEXT NOT NULL PRIMARY KEY, "used_at" INTEGER NOT NULL)'
)
POSTGRES = (
    'CREATE TABLE "used_challenge" ("id" TEXT COLLATE "C" NOT NULL PRIMARY KEY,'
    ' "used_at" BIGINT NOT NULL)'
)


def up(migrator, db):
    db.execute_sql(f"{SQLITE} STRICT" if isinstance(db, SqliteDatabase) else POSTGRES)
