"""The printer refuses what paper would cut, and nothing on a page reaches for another host."""

from collections.abc import Collection

import pytest

from book.copies import needs
from tests.copies.conftest import lacking

PAGE = (
    '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title></head>'
    "<body><h1>T</h1>{}</body></html>"
)
LINE = "<pre style='{}'>" + "x" * 200 + "</pre>"


@pytest.fixture
def press(tmp_path):
    pytest.importorskip("playwright", reason="playwright is not here: make pdf installs it")
    if needs.chromium() is None:
        lacking("Chromium: on Debian and Ubuntu, apt-get install chromium")
    from book.copies.printing import printer

    with printer(needs.chromium(), tmp_path) as press:

        def printed(body: str, anchors: Collection[str] = ()) -> object:
            press.made["a.xhtml"] = PAGE.format(body)
            return press.print("a.xhtml", "T", 41, set(anchors))

        yield printed


@pytest.mark.parametrize(
    "body",
    [
        LINE.format("white-space: pre"), LINE.format("white-space: pre; overflow: hidden"),
        LINE.format("white-space: pre; overflow-x: auto"), '<div style="width: 900px">wide</div>',
        "<svg xmlns='http://www.w3.org/2000/svg' width='900' height='9'></svg>",
        '<div style="max-height: 40px; overflow: auto"><p style="height: 80px">long</p></div>',
    ],
)
def test_what_paper_would_cut_is_refused(press, body):
    from book.copies.printing import TooLarge

    with pytest.raises(TooLarge, match="^a.xhtml: larger than the paper"):
        press(body)


def test_a_page_that_fits_is_counted_on_and_opened(press):
    fold = "<details><summary>more</summary><p id='deep'>inside</p></details>"
    pdf = press(LINE.format("white-space: pre-wrap; overflow-wrap: anywhere") + fold, anchors=["deep"])
    text = pdf.pages[0].extract_text()
    assert "42" in text and "inside" in text and text.count("x") == 200 and "/deep" in pdf.named_destinations


def test_a_page_gets_nothing_from_anywhere_else(press):
    pdf = press('<img src="http://127.0.0.1:9/x.png" alt="not there"/><p>here</p>')
    assert "here" in pdf.pages[0].extract_text()
