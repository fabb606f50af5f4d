"""An array that counts what is done with it: numpy does the work, and each operation on a number is added up."""

from collections import Counter

import numpy as np

ELEMENTARY = {  # operations on each number of the result; what is missing is free: comparing, taking the sign
    "multiply": 1, "add": 1, "subtract": 1, "divide": 1, "exp": 1, "log": 1, "sqrt": 1, "reciprocal": 1,
    "logaddexp": 3,  # exp, add, log
}
FREE = {"negative", "maximum", "equal", "greater", "less", "greater_equal", "less_equal", "power", "isnan"}
counted: Counter[str] = Counter()


class CountedArray(np.ndarray):
    """`x.view(CountedArray)`; whatever is computed from one is one. `counted` is the tally, by numpy's names."""

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        plain = [each.view(np.ndarray) if isinstance(each, CountedArray) else each for each in inputs]
        if out is not None:
            options["out"] = tuple(each.view(np.ndarray) if isinstance(each, CountedArray) else each for each in out)
        result = getattr(ufunc, method)(*plain, **options)
        name = ufunc.__name__
        if name == "matmul":
            counted["matmul"] += 2 * result.size * plain[0].shape[-1]
        elif method == "reduce":
            counted[name] += ELEMENTARY.get(name, 0) * np.size(plain[0])
        elif name in ELEMENTARY:
            counted[name] += ELEMENTARY[name] * result.size
        else:
            assert name in FREE, f"{name} is neither counted nor free"
        if out is not None:
            return out[0]
        return result.view(CountedArray) if isinstance(result, np.ndarray) else result

    def __array_function__(self, function, types, arguments, options):
        def plain(value):
            if isinstance(value, CountedArray):
                return value.view(np.ndarray)
            return type(value)(map(plain, value)) if isinstance(value, list | tuple) else value

        if function is np.einsum:
            assert arguments[0] == "...d,...d->..."
            counted["einsum"] += 2 * arguments[1].size
        result = function(*map(plain, arguments), **{name: plain(value) for name, value in options.items()})
        if isinstance(result, list):
            return [each.view(CountedArray) for each in result]
        return result.view(CountedArray) if isinstance(result, np.ndarray) else result
