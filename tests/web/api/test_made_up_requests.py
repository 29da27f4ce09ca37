"""Hundreds of requests made from the OpenAPI document; `make soak` sends many more."""

import pytest

from tests.web.api import cases


@pytest.mark.proves("B5", "I9")
def test_no_request_is_answered_as_the_document_does_not_say(app, shop):
    assert cases.run(app, shop, examples=6) >= 300
