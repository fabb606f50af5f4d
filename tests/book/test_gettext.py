"""What a page says can be translated, inside our directives too: it stands in the catalogue of messages."""

from tests.book.test_number_role import kept

PAGE = f"""# Title

Some *prose* with {{number}}`took`.

```{{predict}} took
:unit: CK
How long does it take?
```

```{{glossary}}
block scale
块缩放因子
  The power of two of a block.
```

```{{live}} decode
:source: hdl/numerics/e2m1_decode.py
```

{kept("took", 1438)}
"""


def messages(catalogue: str) -> str:
    """The texts of a catalogue, one a line, long ones joined."""
    return catalogue.replace('"\n"', "")


def test_prose_terms_and_questions_are_in_the_catalogue(build):
    built = build({"index": PAGE}, ["number_role", "predict", "glossary", "live"], builder="gettext")
    assert built.warnings == ""
    found = messages(built.pages["index"])
    prose = "Some *prose* with {number}`took`."
    for text in ("Title", prose, "How long does it take?", "The power of two of a block."):
        assert f'msgid "{text}"' in found, text
