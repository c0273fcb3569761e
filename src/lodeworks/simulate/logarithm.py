"""The natural logarithm inside the kernel, of one number or of four in lanes, which the C library's cannot take.

Its last bit is the same on every machine, whatever library that has. Which draws take it is said in `streams`.
"""

from __future__ import annotations

from typing import Any

from lodeworks.simulate.compiled import hot
from lodeworks.simulate.lanes import as_bits, as_float

__all__ = ["log"]

_ROOT_HALF = 0x3FE6A09E00000000  # the square root of a half, as it stands in memory
_WHOLE, _WHOLE_BITS = 6755399441055744.0, 0x4338000000000000  # added to a whole number it stands in the last places
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10  # whole multiples of the first are exact


@hot
def log(x: Any) -> Any:
    """Return the natural logarithm of a positive number that is not subnormal, wrong by less than one last place.

    With x = 2 ** k · (1 + f), 1 + f between the root of a half and that of two, and s = f / (2 + f), it is k ln 2 +
    2 artanh s, of which 2 artanh s - 2 s is a polynomial in s² (Sun Microsystems 1993, *fdlibm*, e_log.c, whose
    coefficients these are).
    """
    bits = as_bits(x)
    k = (bits - _ROOT_HALF) >> 52
    f = as_float(bits - (k << 52)) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    odd = z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 + w * (
        1.818357216161805012e-01 + w * 1.479819860511658591e-01)))
    half = 0.5 * f * f
    n = as_float(k + _WHOLE_BITS) - _WHOLE
    return n * _LN2_HIGH - ((half - (s * (half + (even + odd)) + n * _LN2_LOW)) - f)
