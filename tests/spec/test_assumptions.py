"""`make assumptions`: it finds each assumed value once, what was computed from it, and which files name it."""

from zhenwu.spec import tile
from zhenwu.spec.assumptions import derived_from, homes, report, roots, users

HOMES = list(homes())
ROOTS = {home.entry.label(): home for home in roots(HOMES)}


def test_every_assumption_of_the_tile_is_a_root():
    assert {"tile.rows", "tile.cols", "tile.slice_bits", "tile.outstanding", "tile.clock_period"} <= set(ROOTS)
    assert all(home.entry.kind == "assumed" for home in ROOTS.values())


def test_what_is_computed_from_an_assumption_is_no_root():
    assert not {"tile.macs_per_cycle", "tile.subtiles", "tile.half_steps"} & set(ROOTS)


def test_a_published_value_is_no_assumption():
    assert "tile.step_rows" not in ROOTS


def test_derived_values_are_listed_under_their_assumption():
    under = derived_from(tile.TILE.rows, HOMES)
    assert "zhenwu.spec.tile.TILE.macs_per_cycle" in under
    assert "zhenwu.spec.tile.TILE.lanes" not in under


def test_the_files_that_name_it_are_listed(tmp_path):
    (tmp_path / "hdl").mkdir()
    (tmp_path / "zhenwu").mkdir()
    (tmp_path / "zhenwu/reads.py").write_text("from zhenwu.spec.tile import SIM_TILE\nn = SIM_TILE.rows.value\n")
    (tmp_path / "zhenwu/derived.py").write_text("from zhenwu.spec import tile\nn = tile.TILE.macs_per_cycle\n")
    (tmp_path / "zhenwu/other.py").write_text("from zhenwu.spec.tile import SIM_TILE\nn = SIM_TILE.lanes\n")
    (tmp_path / "hdl/same_word.py").write_text("def f(shape):\n    return shape.rows\n")
    assert users(ROOTS["tile.rows"], HOMES, tmp_path) == ["zhenwu/derived.py", "zhenwu/reads.py"]


def test_a_constant_is_found_by_its_name(tmp_path):
    (tmp_path / "zhenwu").mkdir()
    (tmp_path / "zhenwu/a.py").write_text("from zhenwu.spec.tile import CLOCK_PERIOD\nn = CLOCK_PERIOD.value\n")
    (tmp_path / "zhenwu/b.py").write_text("from zhenwu.spec import tile\nn = tile.HALVES\n")
    assert users(ROOTS["tile.clock_period"], HOMES, tmp_path) == ["zhenwu/a.py"]


def test_the_report_names_each_with_its_reason():
    text = report()
    for label, home in ROOTS.items():
        assert label in text and home.path() in text
    assert f"{len(ROOTS)} assumed values" in text


def test_a_value_that_was_read_or_chosen_is_typed_once():
    typed: dict[str, set[int]] = {}
    for home in HOMES:
        if home.entry.key and not home.entry.inputs:
            typed.setdefault(home.entry.key, set()).add(id(home.entry))
    assert {key for key, entries in typed.items() if len(entries) > 1} == set()
