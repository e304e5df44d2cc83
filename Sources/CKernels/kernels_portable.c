/// The kernels for any processor with IEEE-754 double, fused instruction or not: 4 lanes.
#include "kernel_table.h"

#define LANES 4
#define TILE_ROWS 4
#define FUSED(a, b, c) fused(a, b, c)
#include "vector.h"

typedef double double4 __attribute__((ext_vector_type(LANES)));
typedef uint64_t bits4 __attribute__((ext_vector_type(LANES)));

/// fma(a, b, c) in every lane, bit for bit, from double arithmetic.
///
/// Proof. The product p of two floats has at most 48 significant bits and an exponent within double's normal range, so p is
/// exact. The sum s of p and c is rounded to 53 bits; its error e is exact (two-sum; nothing overflows or underflows, because
/// every operand is 0 or in 2⁻²⁹⁸ … 2²⁵⁷). If e ≠ 0, the exact value lies strictly between s and the double next to it on e's side. Of these
/// two neighbours one has an odd last bit, and `odd` is that one: s itself, or s moved by one unit in its last place, away
/// from zero if e has the sign of s and towards zero if not. So `odd` is the exact value rounded to odd with 53 bits.
/// Rounding that to float to nearest even gives what rounding the exact value would, because 53 ≥ 24 + 2 (Boldo and
/// Melquiond, 2008); for subnormal floats and beyond overflow the target has fewer bits, and the same holds.
/// If e = 0, s is exact: zeros keep the sign that fma gives. Infinities and NaN make e NaN, which counts as no error.
INLINE vf fused(vf a, vf b, vf c) {
  double4 p = __builtin_convertvector(a, double4) * __builtin_convertvector(b, double4);
  double4 addend = __builtin_convertvector(c, double4);
  double4 s = p + addend;
  double4 t = s - p;
  double4 e = (p - (s - t)) + (addend - t);
  bits4 bits = (bits4)s;
  bits4 inexact = (bits4)((e < 0.0) | (e > 0.0));
  bits4 outward = 1 - (((bits ^ (bits4)e) >> 63) << 1);
  bits4 odd = bits + (outward & inexact & ((bits & 1) - 1));
  return __builtin_convertvector((double4)odd, vf);
}

#include "products.h"

#include "columns.h"

#include "elementwise.h"

const nc_table nc_portable_table = KERNEL_TABLE;
