/// ReLU and the pixel pipeline, and the table of all kernels.

static void relu(const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i += LANES) {
    size_t lanes = count - i < LANES ? count - i : LANES;
    store(y + i, rectified(load(x + i, lanes)), lanes);
  }
}

static void relu_backward(const float *activated, const float *dy, float *dx, size_t count) {
  for (size_t i = 0; i < count; i += LANES) {
    size_t lanes = count - i < LANES ? count - i : LANES;
    vi passing = load(activated + i, lanes) > 0.0f;
    store(dx + i, (vf)((vi)load(dy + i, lanes) & passing), lanes);
  }
}

/// Rows of a shuffled batch are fetched so many rows ahead; and the bytes of a cache line.
enum { ROWS_AHEAD = 4, LINE = 64 };

/// p/255 in every lane, correctly rounded, for whole numbers p from 0 to 255.
///
/// Proof. With c = 1/255·(1 + e), |e| ≤ u = 2⁻²⁴, the first quotient q has a relative error below 2.1·u, so that the
/// remainder p − 255·q is exact, and q + remainder·c differs from p/255 by less than 2.1·u² < 2⁻⁴⁶ of it. No p/255 is
/// that close to a midpoint m·2ˢ of two floats, m < 2²⁵, without being 0: |p/255 − m·2ˢ| is a nonzero multiple of 2ˢ/255,
/// at least 2⁻³³ of p/255. So the one rounding of the last step gives the quotient's own.
INLINE vf over_255(vf p) {
  vf c = (vf)(1.0f / 255.0f), q = p * c;
  return FUSED(FUSED(q, (vf)-255.0f, p), c, q);
}

/// (p/255 − ½)/½
INLINE vf normalized_pixels(vb p) { return (over_255(__builtin_convertvector(p, vf)) - 0.5f) / 0.5f; }

static void gather_pixels(
  const uint8_t *pixels, const int32_t *indices, float *y, size_t count, size_t row_length) {
  for (size_t i = 0; i < count; i++, y += row_length) {
    const uint8_t *row = pixels + (size_t)indices[i] * row_length;
    if (i + ROWS_AHEAD < count) {
      const uint8_t *later = pixels + (size_t)indices[i + ROWS_AHEAD] * row_length;
      for (size_t k = 0; k < row_length; k += LINE) { __builtin_prefetch(later + k); }
    }
    size_t k = 0;
    _Pragma("clang loop unroll_count(4)") for (; k + LANES <= row_length; k += LANES) {
      store(y + k, normalized_pixels(*(const vb_memory *)(row + k)), LANES);
    }
    if (k < row_length) {
      vb bytes = (vb)(uint8_t)0;
      __builtin_memcpy(&bytes, row + k, row_length - k);
      store(y + k, normalized_pixels(bytes), row_length - k);
    }
  }
}

/// The steps of `Elementary.exp` in ReproducibleMath, for arguments whose results are normal.
static void exponentials(double *x, const double *powers, size_t count) {
  for (size_t i = 0; i < count; i++) {
    double steps = (x[i] * 0x1.71547652b82fep6 + 0x1.8p52) - 0x1.8p52;
    double remainder = __builtin_fma(-steps, 0x1.62e42fefa39efp-7, x[i]), correction = -steps * 0x1.abc9e3b39803fp-62;
    double high = remainder + correction, second = high - remainder;
    double low = (remainder - (high - second)) + (correction - second);
    double taylor = __builtin_fma(high, 0x1.6c16c16c16c17p-10, 0x1.1111111111111p-7);
    taylor = __builtin_fma(high, taylor, 0x1.5555555555555p-5);
    taylor = __builtin_fma(high, taylor, 0x1.5555555555555p-3);
    taylor = __builtin_fma(high, taylor, 0x1p-1);
    double growth = high + __builtin_fma(high * high, taylor, low);
    int32_t whole = (int32_t)steps, j = whole & 63;
    double power = powers[2 * j], rest = __builtin_fma(powers[2 * j + 1], growth, powers[2 * j + 1]);
    rest = __builtin_fma(power, growth, rest);
    uint64_t bits = (uint64_t)((whole - j) / 64 + 1023) << 52;
    double scale;
    __builtin_memcpy(&scale, &bits, sizeof scale);
    x[i] = (power + rest) * scale;
  }
}

/// How many chains run in parallel: more than the latency of a fused operation times the number of units that do it.
enum { BURST = 12 };

static double fused_burst(size_t rounds, float *result) {
  vf acc[BURST], factor = (vf)result[0], addend = (vf)result[1];
  for (int i = 0; i < BURST; i++) { acc[i] = (vf)(float)i; }
  for (size_t round = 0; round < rounds; round++) {
    _Pragma("clang loop unroll(full)") for (int i = 0; i < BURST; i++) { acc[i] = FUSED(acc[i], factor, addend); }
  }
  vf sum = acc[0];
  for (int i = 1; i < BURST; i++) { sum += acc[i]; }
  result[0] = sum[0];
  return 2.0 * BURST * LANES * (double)rounds;
}

#define KERNEL_TABLE                                                                                             \
  {                                                                                                              \
    product, weight_gradient, weight_step, input_gradient, sgd, bias_gradient, column_means, column_variances,   \
      normalize, normalize_running, normalize_backward_sums, normalize_backward, normalize_running_backward,     \
      relu, relu_backward, gather_pixels, exponentials, product_work, weight_gradient_work, fused_burst          \
  }
