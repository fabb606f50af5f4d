"""How much a reader downloads for a page: every file that it asks for, as a server would send it compressed."""

import gzip
from functools import cache
from pathlib import Path

from tests.site.browsing import Tab

LIMIT_BYTES = 500_000


@cache
def compressed(path: Path) -> int:
    """Bytes of a file on its way: gzip's usual level, or the file as it is where that is smaller (fonts, images)."""
    raw = path.read_bytes()
    return min(len(raw), len(gzip.compress(raw, 6)))


def weights(site: Path, tab: Tab) -> dict[str, int]:
    """The compressed size of each file that the tab has fetched since it was opened."""
    asked = [name if name and not name.endswith("/") else f"{name}index.html" for name in tab.fetched()]
    return {name: compressed(site / name) for name in asked if (site / name).is_file()}


def too_heavy(name: str, parts: dict[str, int], limit: int = LIMIT_BYTES) -> list[str]:
    """Whether the files weigh more than allowed, with the heaviest ones named."""
    total = sum(parts.values())
    if total <= limit:
        return []
    heaviest = sorted(parts.items(), key=lambda item: -item[1])[:5]
    listed = ", ".join(f"{file} {size // 1000} kB" for file, size in heaviest)
    return [f"{name}: {total // 1000} kB, at most {limit // 1000}: {listed}"]
