"""The page of the HTTP API in a browser: every width, light and dark, axe, by keyboard."""

import pytest


@pytest.mark.proves("B5", "B17")
def test_the_page_of_the_api_is_readable_everywhere(page, check_layout):
    page.goto("/api/v1/docs")
    check_layout(page)


def test_the_contents_lead_to_an_operation(page):
    page.goto("/api/v1/docs")
    page.get_by_role("link", name="Capture a checkout").click()
    heading = page.get_by_role("heading", name="Capture a checkout")
    heading.wait_for()
    assert heading.bounding_box()["y"] < 200
    assert page.get_by_text("/checkouts/{checkout_id}/capture").first.is_visible()
