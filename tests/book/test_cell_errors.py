"""A cell that raises is named by file, line and number, whatever options stand before it."""

import re

import pytest

HEAD = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# T

"""
FENCE = "```{code-cell} ipython3\n"


@pytest.mark.parametrize("options", ["", ":tags: [hide-input]\n"])
def test_the_line_of_the_failing_statement_is_named(build, tmp_path, options):
    page = f"{HEAD}{FENCE}x = 1\n```\n\n{FENCE}{options}y = 2\nraise ValueError('no such block')\n```\n"
    line = page.splitlines().index("raise ValueError('no such block')") + 1
    built = build(
        {"index": page}, ["cell_errors"], nb_execution_mode="cache", nb_execution_cache_path=str(tmp_path / "cells")
    )
    named = rf"index\.md:{line}: ERROR: cell 2 raised ValueError: no such block"
    assert re.search(named, built.warnings), built.warnings
