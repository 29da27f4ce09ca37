"""What the steps make is what the models declare, and a released step stays what it was."""

import hashlib
from dataclasses import replace

import pytest

from giftweb import database
from giftweb.database import guards, schema
from tests.upgrade import catalogue, declared

WRITTEN = {
    "0001_initial.postgresql.sql": (
        "8d98eba4759d88f5aa0c25f4ed98b3227cc303ebf3e0d1507aab63d8c232f7b9"
    ),
    "0001_initial.py": "adc57facd1c4c7c0757393afd7b8b6d2fa39940d158483e9492d594ba20da4a2",
    "0001_initial.sqlite.sql": "9427552b6898cb2009b49e0434fb6947ab6f47cb984a941594f15a776c7219ed",
    "0002_addresses_in_lower_case.py": (
        "c5e1342020a80d1ecf53bc43003521534ade12987e61adc5c64c88f5c4e4d6f6"
    ),
    "0003_declared_references.py": (
        "1038862a998e04a98305de073b15a0f49cf8ccf2aa420159d96214245a455f3f"
    ),
    "0004_awaited_payments.py": (
        "055358987def8877ea2e0f10ff8d4016cd64cd09b22670d90213a1672dbdd34c"
    ),
    "0005_every_reference.py": ("fae2e96eb449462a6b06cec956edc9fe326c12fda8c7af54c32116d47e19da42"),
    "0006_shares_of_lines.py": ("f518b64f6aba041fa61dea5df0763ca059646c63b391b4fd5029d873f032ea38"),
    "0007_used_challenges.py": ("133298b97bacb00fb4c19b38f97fc8d7cc4eec96103deb2dffe7f25c9cc1ff3c"),
    "0008_time_zones.py": ("968eb36e94f869ff607afa4ab2dc78087b6f72440b290771cbd6a652043463d4"),
    "0009_requested_links.py": ("b01608c24464d2a3d9d63a625f79c1739cb5dea2315b0f757ff385358844a492"),
    "0010_named_cards.py": ("17b24f74900bfb419ce9d942ff0af888d9d2110a2375c8eea75b957d2878b554"),
    "0011_daily_limits.py": ("757978fb1577094e523168465296f47f438fc416435bb64f74c1d4f1939c70f1"),
    "0012_where_money_came_from.py": (
        "2c560128cce9b4f5fc90f82960ec1531ebc4f6cb9d6ead15218c9b7cfe8bd94f"
    ),
    "0013_mailed_passwords.py": (
        "f6c06e11918afe146f73c50c5755ea4ca32c980552baf7f4778ea47417a00540"
    ),
    "0014_delivery_of_cards.py": (
        "20f134441b06d9aa3206f982605990b34bda3fa389c37c01443990b16b740495"
    ),
    "0015_keys_with_scopes.py": (
        "7db1e2207f3ebd796cc95c47fadfdd0e8f1b5d6dbed7505f552b9c6826ef5490"
    ),
    "0016_presents.py": ("11fb41859843d0a13eaf698cec480c2a99db7b82099948be33eb5125582c26d1"),
    "0017_rules_of_the_law.py": (
        "13b5c6a45331325389ec045236470bfbe98b01b97c5724ddc08a2cba590bd704"
    ),
    "0018_chains_of_the_log.py": (
        "2e2a4a941c63734cf24beea0e9cc6ddd7614df0632433525df446fd14c594299"
    ),
    "0019_stock_pins_and_merges.py": (
        "4df64ac76c86d1ce9f099152e5cd67cdddef412b07203d703e85f833abe453ee"
    ),
    "0020_counter.py": ("f1e477058ad24d2fec78b3022878a1adda9bff8902febd67f7f78a68210f1b4f"),
    "0021_daily_sums.py": "5112b2eea024f6b376b0bb4e35570fc39d67e6cd1bf88e46c48379abe1d28524",
    "0022_locales.py": "2066083eb0ac6a844aaf8ab5acc14daf3ab56d070704114de68d7c912fd6289d",
    "0023_more_seals.py": ("2bbd5d447143ab5bf9ebee6aa747d56968a759619e63d6fca6c0587c3349f189"),
    "0024_words_of_names.py": ("47690efc41b679e2b9154727b4bd53366dc28375c74c25c1ee021110be36d63c"),
    "0025_closed_months.py": "6576481334c0d515ed6a12ee7b434f367c4922d4049a324aa44b86a82fa0158b",
    "0026_what_cards_may_buy.py": (
        "16f0557a1634d929e60642ab9992d54f9549e50462a952f1739516263a4362d2"
    ),
    "0027_redactions.py": ("3e44468c640b7c56caa4fe65379fea3d92c6c101d09c51ebebc8fc3eeed3f0e5"),
    "0028_audit_runs.py": "ce48fb397e8464156da3087a269126e2490a14014267c564b8ca0c6663d33fdb",
    "0029_card_imports.py": ("10dcb51910d091815d960730763a670f681e1c4f7ca11ccfb15669c922751d7a"),
    "0030_reviews.py": "3b089f1551107c54af511021efcdaac7586d86c474746cedb39e970aed90dbec",
    "0031_erasure_requests.py": (
        "1be5d31105e743be09386c6a2fd057a736a086cfa26c482f2dd7661e8c9e4282"
    ),
    "0032_vouchers.py": "1a4e3fc507444095754d6236deafec8eb56d892c8771805f3de00a707d310a0a",
    "0033_ages_and_lives.py": "41f3d8f5d5a07838fe1039140fb9e94fe38109dcdb8a93f0a55ba5ec8feec69d",
    "0034_taxes.py": "92c81215d34611429dcb934408627665851f015ecac274609af9c7d6521ae803",
    "0035_rules_of_brazil.py": "77f17dfd95df16389c66135d9d9d9704b5cf374cd9bb18c63dc2db979c3916a8",
    "0036_contacts.py": "e70af12a128ac3660d736f6f8e04ab9acb183fd3bbd3be9749a57b177545307f",
    "0037_seals_of_rights.py": ("0839133c13a2d588cd882a0efe4ab9bd4a8e2ef4759869beec3fcd28423d1e38"),
    "0038_monthly_sums.py": "6e371cf99d8eeb1ed82e5ecfc3116286b9e8bbf2e2dcaaaa2d5a80801a337177",
    "0039_review_limits.py": "3385026b2b1583b40098de8edc33c0380c8945e3442bc53675dcb3bfdb6ff5e8",
    "0040_sums_of_months_and_bonuses.py": (
        "d538e3c7a61228987b3fb596867d1a5bf0505283e6dd41d7669e26b20a438286"
    ),
    "0041_wallets_logos_languages.py": (
        "d08cb30d9ba80239a7518565b021687689e07b4d6988ad5a34e495cb2cac66be"
    ),
    "0042_name_of_a_guard.py": ("d59831a5c600ea27fde0137dbc94ded19fdb5d2867abbe3d4091ba362b905492"),
    "0043_lives_of_replaced_cards.py": (
        "a7a7c8ce785d7647b19497464be3976946e37b17ac8e76adc03f91a13d9a6fe3"
    ),
    "0044_counters_of_failed_tries.py": (
        "cb881e9a87f9202c34ae9e528f65eb8f3813c7192c8319c740549b236f09b122"
    ),
    "0045_language_of_an_import.py": (
        "6835666c76dc6615f6a9892c570ce6f269b5701d4a6aa7bc2afccba8539d5fd1"
    ),
}
"""SHA-256 of every file of a step. A line is added here, never changed."""


@pytest.mark.no_database
def test_a_step_is_never_written_again():
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in schema.STEPS.glob("[0-9]*.*")
    }
    assert found == WRITTEN


def test_the_steps_make_the_schema_that_the_models_declare(engine):
    migrated = catalogue.read()
    with engine.elsewhere() as url:
        database.connect(url)
        declared.create()
        wanted = catalogue.read()
        database.close()
    engine.use()
    assert catalogue.difference(migrated, wanted) == []


@pytest.mark.no_database
def test_a_difference_between_two_schemas_is_named():
    first = {"column a.b": "text", "index c": "on a (b)"}
    second = {"column a.b": "bigint", "trigger d": "before delete"}
    assert catalogue.difference(first, second) == [
        "column a.b: text <> bigint",
        "index c: on a (b) <> nothing",
        "trigger d: nothing <> before delete",
    ]


@pytest.mark.proves("X18")
@pytest.mark.tampers
def test_a_guard_of_an_older_name_goes_with_the_upgrade(engine):
    old = replace(guards.GUARDS[0], name="campaign_begins_with_its_tax", table="campaign")
    create = guards.on_postgres if engine.name == "postgresql" else guards.on_sqlite
    database.execute(create(old))
    database.execute("DELETE FROM schema_step WHERE id = '0042'")
    assert guards.planted() == [old.name]
    assert schema.upgrade() == ["0042_name_of_a_guard"]
    assert guards.planted() == []
    assert schema.is_current()
