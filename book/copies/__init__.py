"""The book to take away: `make pdf` and `make epub`.

`pages` builds the pages of a copy and packs the EPUB, `printing` prints them in Chromium, `front` makes title page and
contents, `joining` puts all into one PDF.
"""
