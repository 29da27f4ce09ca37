-- Two roles on PostgreSQL: the owner, who migrates, and giftweb_run, which the web and the worker use.
--
-- giftweb_run can make and drop nothing, switches no trigger off, and deletes no row of the books.
-- Run this as the owner of the tables, in the program's database, after `flask db upgrade` and after
-- each upgrade:
--
--   psql postgresql://giftweb_owner@db/giftweb -f deploy/roles.sql
--   psql postgresql://giftweb_owner@db/giftweb -c '\password giftweb_run'
--
-- Then web and worker get DATABASE_URL=postgresql://giftweb_run:...@db/giftweb; upgrades, restores and
-- the rotation of keys are run with the owner's address, by a person. The owner needs the right to make
-- roles (CREATEROLE) the first time, or somebody else makes giftweb_run before.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'giftweb_run') THEN
        CREATE ROLE giftweb_run LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT;
    END IF;
END $$;

-- The counters of failed tries, which the program makes by itself where it may.
CREATE UNLOGGED TABLE IF NOT EXISTS throttle (
    scope TEXT NOT NULL, source TEXT NOT NULL, failures INTEGER NOT NULL, last_at BIGINT NOT NULL,
    PRIMARY KEY (scope, source)
);

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM giftweb_run;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM giftweb_run;

GRANT USAGE ON SCHEMA public TO giftweb_run;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO giftweb_run;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO giftweb_run;
REVOKE INSERT, UPDATE ON schema_step FROM giftweb_run;

-- What is not in this list goes by itself in time: carts, links, sessions, counters.
DO $$
DECLARE
    found TEXT;
BEGIN
    FOR found IN
        SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN (
            'account', 'transfer', 'gift_card', 'hold', 'ledger_checkpoint', 'audit_entry',
            'orders', 'order_item', 'order_issue', 'payment', 'refund', 'chargeback', 'shortfall',
            'counter_entry', 'approval', 'campaign', 'product', 'api_key', 'webhook_endpoint', 'event',
            'staff', 'customer', 'setting', 'rate', 'code_format', 'schema_step'
        )
    LOOP
        EXECUTE format('GRANT DELETE ON %I TO giftweb_run', found);
    END LOOP;
END $$;
