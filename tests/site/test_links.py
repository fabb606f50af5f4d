"""Do all links, anchors and files resolve, on every page of the site?"""

from pathlib import Path

import pytest

from tests.site.link_faults import link_faults, style_faults


def test_links_and_anchors_resolve(site: Path) -> None:
    if found := link_faults(site):
        pytest.fail("\n".join(found), pytrace=False)


def test_no_style_sheet_names_another_host(site: Path) -> None:
    if found := style_faults(site):
        pytest.fail("\n".join(found), pytrace=False)
