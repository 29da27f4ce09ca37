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

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM giftweb_run;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM giftweb_run;

GRANT USAGE ON SCHEMA public TO giftweb_run;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO giftweb_run;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO giftweb_run;
REVOKE INSERT, UPDATE ON schema_step FROM giftweb_run;

-- What goes by itself in time or with a person who is forgotten, and nothing else. The books, the log and
-- what was agreed, closed or exported are in no list of what may be deleted.
GRANT DELETE ON
    bonus_due, bonus_order, campaign_origin, card_import_part, checkout, customer, customer_session,
    daily_use, idempotency_key, mail, note, passkey, product_picture, recovery_code, reminder_refusal,
    sign_in_link, sign_in_request, staff_link, throttle, used_challenge, wallet_pass, work_seen
TO giftweb_run;
