/// The kernels for any processor with IEEE-754 double, fused instruction or not: 4 lanes.
#include "kernel_table.h"

#define LANES 4
#define TILE_ROWS 4
#define FUSED(a, b, c) fused(a, b, c)
#include "vector.h"

typedef double double4 __attribute__((ext_vector_type(LANES)));
typedef uint64_t bits4 __attribute__((ext_vector_type(LANES)));
/// The lower and the upper half of each double's bits, in this order.
typedef int32_t halves4 __attribute__((ext_vector_type(2 * LANES)));

/// fma(a, b, c) in every lane, bit for bit, from double arithmetic, for all values.
///
/// Proof. The product p of two floats has at most 48 significant bits and an exponent within double's normal range,
/// so p is exact. The sum s of p and c is rounded to 53 bits; its error e is exact (two-sum; nothing overflows or
/// underflows, because every operand is 0 or in 2⁻²⁹⁸ … 2²⁵⁷). If e ≠ 0, the exact value lies strictly between s and
/// the double next to it on e's side. Of these two neighbours one has an odd last bit, and `odd` is that one: s
/// itself, or s moved by one unit in its last place, away from zero if e has the sign of s and towards zero if not.
/// So `odd` is the exact value rounded to odd. Rounding that to float to nearest even gives what rounding the exact
/// value would, because 53 ≥ 24 + 2 (Boldo and Melquiond, 2008); for subnormal floats and beyond overflow the target
/// has fewer bits, and the same holds. If e = 0, s is exact: zeros keep the sign that fma gives. Infinities and NaN
/// make e NaN, which counts as no error.
__attribute__((noinline)) static vf fused_by_rounding_to_odd(vf a, vf b, vf c) {
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

/// fma(a, b, c) in every lane, bit for bit: nearly always the double sum s, rounded to float.
///
/// Proof. Where |s| ≥ 2⁻¹²⁶, floats are cut from each other by midpoints, which have 25 significant bits: the lower
/// 29 of the 52 stored bits are 2²⁸ (so is the bound to infinity). Midpoints are doubles, and rounding to double is
/// monotone, so the exact sum lies on the same side of every midpoint as s, unless s is itself a midpoint. That case,
/// and the smaller |s| whose midpoints lie at other bits, are left to `fused_by_rounding_to_odd`.
INLINE vf fused(vf a, vf b, vf c) {
  const halves4 kept = (halves4)((bits4)0x7fffffff1fffffff), midpoint = (halves4)((bits4)0xffffffff10000000);
  const halves4 smallest = (halves4)((bits4)0x38100000ffffffff);  // 2⁻¹²⁶ above, nothing below
  double4 s = __builtin_convertvector(a, double4) * __builtin_convertvector(b, double4)
              + __builtin_convertvector(c, double4);
  halves4 halves = (halves4)s & kept;
  if (__builtin_expect(__builtin_reduce_or((halves == midpoint) | (halves < smallest)) != 0, 0)) {
    return fused_by_rounding_to_odd(a, b, c);
  }
  return __builtin_convertvector(s, vf);
}

#include "kernels.h"

const nc_table nc_portable_table = KERNEL_TABLE;
