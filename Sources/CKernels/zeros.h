/// Chains that skip the steps whose left factor is zero.
///
/// About half of what ReLU gives is zero. A step acc ← fma(f, b, acc) with f = ±0 and a finite b adds ±0. This changes an
/// accumulator in one case only: −0 may become +0. Compare a chain with all steps and a chain that skips these. After every
/// step they have the same bits, or the first is +0 and the second −0: a product that is not zero gives both the same
/// value (also if it underflows); a product of ±0 keeps the +0 of the first, and makes the second +0 or leaves it −0.
/// So if the second chain does not end with −0, both end with the same bits. If it does, all its steps are done again
/// without skipping. No step is skipped in a span with an infinite or NaN b. This holds for every input, except for the
/// payload of NaN. README.md has the argument in full.
///
/// Rows of the left operand have their zeros at different places. So one row is worked on at a time, with enough columns
/// to hide the latency of a fused operation.

/// Steps whose factors have one word of bits, and the columns of a strip.
enum { SPAN = 64, STRIP_VECTORS = 8, STRIP_PANELS = 4, STRIP_COLUMNS = STRIP_VECTORS * LANES };

/// SPAN rows of the right operand, in the first-level cache, and a bit for each of them. `certain` has the bits of the steps
/// that are done even if the factor is zero: all of them or none.
typedef struct span {
  _Alignas(64) float row[SPAN][STRIP_COLUMNS];
  uint64_t all, certain;
} span;

/// The accumulators of one row in one strip.
typedef struct strip {
  vf at[STRIP_VECTORS];
} strip;

/// Keeps one vector of the right operand, and the largest magnitude so far (as bits).
INLINE void keep_vector(span *kept, size_t d, int c, vf value, vu *greatest) {
  *(vf *)(kept->row[d] + c * LANES) = value;
  *greatest = __builtin_elementwise_max(*greatest, (vu)value & 0x7fffffff);
}
INLINE void end_span(span *kept, size_t depth, vu greatest) {
  kept->all = depth == SPAN ? ~(uint64_t)0 : ((uint64_t)1 << depth) - 1;
  kept->certain = __builtin_reduce_max(greatest) < 0x7f800000 ? 0 : kept->all;
}

/// Bit d says whether x[d] is not zero, for d < count ≤ SPAN.
INLINE uint64_t nonzeros(const float *x, size_t count) {
  uint64_t bits = 0;
  size_t d = 0;
  for (; d + LANES <= count; d += LANES) { bits |= (uint64_t)nonzero_lanes(load(x + d, LANES)) << d; }
  if (d < count) { bits |= (uint64_t)nonzero_lanes(load_part(x + d, count - d)) << d; }
  return bits;
}

/// Does the steps whose bits are set, in ascending order.
INLINE void accumulate_steps(strip *acc, const float *x, uint64_t steps, const span *kept) {
  strip a = *acc;
  for (; steps; steps &= steps - 1) {
    size_t d = (size_t)__builtin_ctzll(steps);
    const float *b = kept->row[d];
    vf factor = (vf)x[d];
#define STEP(c) a.at[c] = FUSED(factor, *(const vf *)(b + c * LANES), a.at[c]);
    STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5) STEP(6) STEP(7)
#undef STEP
  }
  *acc = a;
}

/// Whether any accumulator is −0.
INLINE int has_negative_zero(const strip *acc) {
  vi least = (vi)acc->at[0];
  _Pragma("clang loop unroll(full)") for (int c = 1; c < STRIP_VECTORS; c++) {
    least = __builtin_elementwise_min(least, (vi)acc->at[c]);
  }
  return any(least == INT32_MIN);
}

/// The accumulators after a span that begins with `start`; the bits say which factors are not zero.
INLINE strip span_chains(strip start, const float *x, uint64_t bits, const span *kept) {
  strip acc = start;
  accumulate_steps(&acc, x, bits | kept->certain, kept);
  if (__builtin_expect(has_negative_zero(&acc), 0)) {
    acc = start;
    accumulate_steps(&acc, x, kept->all, kept);
  }
  return acc;
}

INLINE strip load_strip(const float *p) {
  strip result;
  _Pragma("clang loop unroll(full)") for (int c = 0; c < STRIP_VECTORS; c++) {
    result.at[c] = load(p + c * LANES, LANES);
  }
  return result;
}
INLINE void store_strip(float *p, const strip *value) {
  _Pragma("clang loop unroll(full)") for (int c = 0; c < STRIP_VECTORS; c++) {
    store(p + c * LANES, value->at[c], LANES);
  }
}

INLINE size_t count_nonzeros(const float *x, size_t count) {
  size_t result = 0;
  for (size_t i = 0; i < count; i += SPAN) {
    result += (size_t)__builtin_popcountll(nonzeros(x + i, count - i < SPAN ? count - i : SPAN));
  }
  return result;
}

/// Whether so many values of x are zero that skipping them is faster, estimated from some rows and their first columns.
static int has_many_zeros(const float *x, size_t stride, size_t rows, size_t columns) {
  enum { SAMPLED_ROWS = 8, SAMPLED_SPANS = 4 };
  size_t step = rows <= SAMPLED_ROWS ? 1 : rows / SAMPLED_ROWS, values = 0, others = 0;
  if (columns > SAMPLED_SPANS * SPAN) { columns = SAMPLED_SPANS * SPAN; }
  for (size_t n = 0; n < rows; n += step) {
    values += columns;
    others += count_nonzeros(x + n * stride, columns);
  }
  return (values - others) * 3 >= values && values > 0;
}

/// How many of `outputs` columns are in whole strips that skip zeros; 0 if x has few zeros.
static size_t columns_in_strips(const float *x, size_t stride, size_t rows, size_t columns, size_t outputs) {
  size_t whole = outputs / STRIP_COLUMNS * STRIP_COLUMNS;
  return whole > 0 && has_many_zeros(x, stride, rows, columns) ? whole : 0;
}
