"""Programs as a compiler of matrix products writes them, made here by hand: for the checks and for `roll`."""

from zhenwu.spec.isa import RESIDUAL, Instruction, Load, Mma, Store, Wait
from zhenwu.spec.mma_formats import FLOAT32_RESIDUAL

STEPS = 2  # lines of k in a chunk
PLACES = {name: 0x10000 * i for i, name in enumerate(("a", "a_scales", "b", "b_scales", "r", "c", "c_scales"))}


def product(rows: int, columns: int, chunks: int, *, fmt: int = 0, add: bool = False) -> list[Instruction]:
    """The product of `rows` panels of A and `columns` of B over `chunks` chunks of k, halves used in turn.

    The result has format `fmt`, quantised ones in matrices of up to 4 panels; with `add` a residual is added to it.
    """
    program: list[Instruction] = []
    half = residual = 0
    k, width, parts = STEPS * chunks, 2 * columns, 4 if fmt else 1
    for row in range(rows):
        for column in range(columns):
            for chunk in range(chunks):
                for operand, panel in enumerate((row, column)):
                    base, scales = (PLACES["ab"[operand] + plane] for plane in ("", "_scales"))
                    base, scales = base + panel * 16 * k + chunk * STEPS, scales + panel * k + chunk * STEPS
                    program.append(Load(operand, half, 16, STEPS, base, k, scales, k))
                first, last = int(chunk == 0), int(chunk == chunks - 1)
                program.append(Mma(half, half, first, last, 1, 1, 16, 16, 2 * STEPS, 0, 0))
                half ^= 1
            matrix, part = divmod(column, parts)
            closes = int(part == parts - 1 or column == columns - 1)
            if add and part == 0:
                residual ^= 1
                lines = 2 * min(parts, columns - column)
                base = PLACES["r"] + row * 16 * width + 2 * column
                program.append(Load(RESIDUAL, residual, 16, lines, base, width, fmt=FLOAT32_RESIDUAL.code))
            where = {"base": PLACES["c"] + row * 16 * width + 2 * column, "stride": width}
            if fmt:
                stride = -(-columns // parts) * fmt
                where = {"base": PLACES["c"] + row * 16 * stride + matrix * fmt, "stride": stride}
                where |= {"scale_base": PLACES["c_scales"] + row * 9 + matrix, "fmt": fmt, "rule": 1}
                where |= {"part": part, "closes": closes}
            adding = {"add": 1, "add_half": residual, "release": closes} if add else {}
            program.append(Store(16, 16, **where, **adding))
    return [*program, Wait()]
