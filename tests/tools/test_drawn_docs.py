"""What docs/ draws from the code: true to it, whole, and the same each time."""

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest

from giftweb import models
from tools.docs import __main__ as drawing
from tools.docs import code, data_model, house, packages, requirements, svg
from tools.docs.floors import Floors, Plan, arrange
from tools.docs.tables import drawn

pytestmark = pytest.mark.no_database


def texts_in(picture: str) -> set[str]:
    """Every piece of text of a picture, which is one well-formed document."""
    root = ElementTree.fromstring(picture)
    lines = root.iter("{http://www.w3.org/2000/svg}text")
    return {piece for line in lines for piece in line.itertext()}


@pytest.fixture
def small_house(tmp_path, monkeypatch):
    """A program of four modules in place of ours."""
    files = {
        "shop/__init__.py": "",
        "shop/till/__init__.py": "",
        "shop/till/desk.py": "from shop.money import Money\nfrom shop import cards\n",
        "shop/cards.py": "def work():\n    from shop import money\n",
        "shop/money.py": "",
        "shop/cli.py": "LATER = {'till': 'shop.till.desk:open'}\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(code, "ROOT", tmp_path)
    monkeypatch.setattr(code, "PRODUCT", "shop")
    monkeypatch.setattr(code, "_LATER", re.compile(r"shop(\.\w+)+:\w+"))
    for known in (code.modules, code.imports_of):
        known.cache_clear()
    yield
    for known in (code.modules, code.imports_of):
        known.cache_clear()


def test_an_arrow_is_an_import_wherever_it_stands(small_house):
    assert code.arrows(("shop.till", "shop.cards", "shop.money", "shop.cli")) == {
        ("shop.till", "shop.money"),
        ("shop.till", "shop.cards"),
        ("shop.cards", "shop.money"),
        ("shop.cli", "shop.till"),
    }


def test_an_arrow_that_a_longer_way_stands_for_is_left_out():
    edges = {("a", "b"), ("b", "c"), ("a", "c"), ("a", "d")}
    assert code.without_detours(edges) == {("a", "b"), ("b", "c"), ("a", "d")}


def test_every_module_stands_on_a_floor_of_the_house_or_of_the_domain():
    known = (*code.house_floors().packages, *code.domain_floors().packages)
    assert len(known) == len(set(known))
    lost = [name for name in code.modules() if not code.package_of(name, known)]
    assert set(lost) <= {code.PRODUCT, f"{code.PRODUCT}.web"}


def test_the_house_shows_every_package_and_who_comes_to_it():
    shown = " ".join(texts_in(house.draw()))
    floors = (*code.house_floors().packages, *code.domain_floors().packages)
    for name in (*map(packages.label, floors), house.APP, *house.VISITORS):
        assert re.search(rf"(^|\W){re.escape(name)}($|\W)", shown), name


def test_no_arrow_of_the_house_leads_upwards():
    for floors in (code.house_floors(), code.domain_floors()):
        ranks = {name: rank for rank, floor in enumerate(floors.floors) for name in floor}
        arrows = code.arrows(floors.packages)
        assert arrows
        assert not [edge for edge in arrows if ranks[edge[0]] >= ranks[edge[1]]]


def example() -> Plan:
    floors = (("desk", "shop"), ("orders",), ("cards", "carts"), ("ledger",))
    edges = {("desk", "orders"), ("shop", "carts"), ("orders", "cards"), ("desk", "ledger")}
    edges |= {("cards", "ledger"), ("carts", "ledger")}
    boxes = Floors(floors, edges, width=400, size=lambda _: (90.0, 30.0), space=22)
    return arrange(boxes, gap=20)


PLANS = {
    "example": (example, 400),
    "domain": (house.domain_plan, house.DOMAIN_WIDTH - 2 * house.PADDING),
    "house": (lambda: house.house_plan(house.domain_plan()), house.WIDTH - 2 * house.MARGIN),
}


@pytest.mark.parametrize("name", PLANS)
def test_boxes_stand_beside_each_other_and_within_the_picture(name):
    plan, width = PLANS[name]
    boxes = plan().boxes
    for one, other in combinations(boxes.values(), 2):
        is_beside = one.left + one.width <= other.left or other.left + other.width <= one.left
        is_below = one.top + one.height <= other.top or other.top + other.height <= one.top
        assert is_beside or is_below, (one, other)
    assert round(min(spot.left for spot in boxes.values()), 6) >= 0
    assert round(max(spot.left + spot.width for spot in boxes.values()), 6) <= width


def test_a_floor_that_is_wider_than_the_picture_is_refused():
    with pytest.raises(ValueError, match="too wide"):
        Floors([("desk", "shop")], [], width=100, size=lambda _: (90.0, 30.0), space=22)


def test_an_arrow_of_the_house_leads_to_whatever_a_request_passes():
    floors, edges = house.house_floors(), house.house_edges()
    reached = {target for _, target in edges}
    assert {name for floor in floors for name in floor} - reached == set(house.VISITORS)
    assert {("giftweb.serving", house.APP), (house.APP, "giftweb.blueprints")} <= edges


def test_an_arrow_goes_down_from_its_box_to_the_other_past_those_between():
    plan = example()
    assert len(plan.arrows) == 6
    for points in plan.arrows:
        heights = [down for _, down in points]
        assert heights == sorted(heights)
        for x, down in points[1:-1]:
            passed = [spot for spot in plan.boxes.values() if spot.top < down < spot.top + 30]
            assert not [spot for spot in passed if spot.left <= x <= spot.left + spot.width]


def test_the_data_model_shows_every_table_with_each_of_its_foreign_keys():
    shown, tables = texts_in(data_model.draw()), drawn()
    assert [each.name for each in tables] == [each._meta.table_name for each in models.TABLES]
    named = {
        (each.name, to) for each in tables for column in each.columns for to in column.refers_to
    }
    for table in models.TABLES:
        assert table._meta.table_name in shown
        for field in table._meta.refs:
            assert field.column_name in shown
            assert (table._meta.table_name, field.rel_model._meta.table_name) in named
    assert ("transfer", "account") in named


def test_tables_stand_beside_each_other_and_every_wire_stays_on_the_sheet():
    sheet = data_model.Sheet(drawn())
    for one, other in combinations(sheet.placed.values(), 2):
        if one.column == other.column:
            assert one.top + one.height < other.top or other.top + other.height < one.top
    picture = data_model.draw()
    for d in re.findall(r'<path class="wire[^"]*" d="([^"]*)"', picture):
        pairs = [tuple(map(float, pair)) for pair in re.findall(r"(-?[\d.]+) (-?[\d.]+)", d)]
        assert pairs
        assert all(0 <= x <= sheet.width and 0 <= y <= sheet.height for x, y in pairs)


def test_a_picture_is_made_for_light_and_for_dark():
    assert svg.LIGHT.keys() == svg.DARK.keys()
    assert "prefers-color-scheme: dark" in house.draw()


def test_what_is_drawn_twice_is_the_same():
    for path, draw in drawing.DRAWN.items():
        assert draw() == draw(), path


def test_what_is_not_current_is_named_and_not_written(tmp_path, monkeypatch, capsys):
    drawing_of = tmp_path / "picture.svg"
    monkeypatch.setattr(drawing, "ROOT", tmp_path)
    monkeypatch.setattr(drawing, "DRAWN", {drawing_of: lambda: "new"})
    drawing_of.write_text("old")
    assert drawing.main(["--check"]) == 1
    assert "picture.svg: not current; run make docs" in capsys.readouterr().out
    assert drawing_of.read_text() == "old"
    assert drawing.main([]) == 0
    assert drawing_of.read_text() == "new"
    assert drawing.main(["--check"]) == 0


def test_every_requirement_that_a_test_proves_has_a_title():
    assert requirements.proofs().keys() <= set(requirements.names())


def test_a_proof_is_found_by_the_marks_of_a_test_and_of_its_file(tmp_path, monkeypatch):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_cards.py").write_text(
        "pytestmark = [pytest.mark.no_database, pytest.mark.proves('I1')]\n"
        "@pytest.mark.proves('S44', 'D5')\n"
        "def test_a_used_card_cannot_be_cancelled(): ...\n"
    )
    monkeypatch.setattr(requirements, "ROOT", tmp_path)
    proof = requirements.Proof("tests/test_cards.py", "A used card cannot be cancelled")
    assert requirements.proofs() == {"I1": [proof], "S44": [proof], "D5": [proof]}


def test_the_page_of_requirements_has_them_all_and_admits_what_no_test_proves(monkeypatch):
    monkeypatch.setattr(requirements, "proofs", dict)
    page = requirements.draw()
    assert page.count("No test is marked with it yet.") == len(requirements.names())
    assert "[S1](#s1) to [S73](#s73)" in page


def test_every_package_says_what_it_is_for():
    floors = (*code.house_floors().packages, *code.domain_floors().packages)
    for name in floors:
        assert re.fullmatch(r"[A-Z`].{8,160}[.?!]", packages.purpose(name)), name


def test_who_changes_the_code_reads_of_every_package():
    page = (code.ROOT / "docs/contributing.md").read_text()
    for name in (*code.house_floors().packages, *code.domain_floors().packages):
        path = code.modules()[name]
        path = path.parent if path.name == "__init__.py" else path
        assert f"`{path.relative_to(code.ROOT)}" in page or name == code.DOMAIN, name
