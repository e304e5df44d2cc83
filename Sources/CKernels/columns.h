/// Wide column sums and batch normalization of [rows, columns].
///
/// Columns are worked on in strips of vectors of WIDE doubles, one accumulator a column, rows ascending.

/// Vectors in a full strip: enough accumulators to hide the latency of an addition.
enum { STRIP = 4 };

/// Calls KERNEL(j, vectors, lanes) over all strips of the columns begin ..< end: full strips, single vectors, and a
/// vector of which only `lanes` lanes are used.
#define OVER_STRIPS(KERNEL) OVER_STRIPS_OF(STRIP, KERNEL)
#define OVER_STRIPS_OF(FULL, KERNEL)                                                  \
  do {                                                                                \
    size_t j = begin;                                                                 \
    for (; j + FULL * WIDE <= end; j += FULL * WIDE) { KERNEL(j, FULL, (size_t)WIDE); } \
    for (; j + WIDE <= end; j += WIDE) { KERNEL(j, 1, (size_t)WIDE); }                \
    if (j < end) { KERNEL(j, 1, end - j); }                                           \
  } while (0)

// MARK: Sums and moments

INLINE void sums_strip(vd *sum, const float *x, size_t rows, size_t stride, int vectors, size_t lanes) {
  for (int c = 0; c < vectors; c++) { sum[c] = (vd)0.0; }
  for (size_t n = 0; n < rows; n++, x += stride) {
    for (int c = 0; c < vectors; c++) { sum[c] += widened(load_half(x + c * WIDE, lanes)); }
  }
}

INLINE void bias_gradient_strip(const float *dy, float *db, size_t rows, size_t stride, int vectors, size_t lanes) {
  vd sum[STRIP];
  sums_strip(sum, dy, rows, stride, vectors, lanes);
  for (int c = 0; c < vectors; c++) { store_half(db + c * WIDE, narrowed(sum[c]), lanes); }
}

static void bias_gradient(const float *dy, float *db, size_t rows, size_t columns, size_t begin, size_t end) {
#define KERNEL(j, vectors, lanes) bias_gradient_strip(dy + j, db + j, rows, columns, vectors, lanes)
  OVER_STRIPS(KERNEL);
#undef KERNEL
}

INLINE void means_strip(const float *x, double *mean, size_t rows, size_t stride, int vectors, size_t lanes) {
  vd sum[STRIP];
  sums_strip(sum, x, rows, stride, vectors, lanes);
  for (int c = 0; c < vectors; c++) { store_wide(mean + c * WIDE, sum[c] / (double)rows, lanes); }
}

static void column_means(const float *x, double *mean, size_t rows, size_t columns, size_t begin, size_t end) {
#define KERNEL(j, vectors, lanes) means_strip(x + j, mean + j, rows, columns, vectors, lanes)
  OVER_STRIPS(KERNEL);
#undef KERNEL
}

INLINE void variances_strip(
  const float *x, const double *mean, double *variance, size_t rows, size_t stride, int vectors, size_t lanes) {
  vd mu[STRIP], sum[STRIP];
  for (int c = 0; c < vectors; c++) {
    mu[c] = load_wide(mean + c * WIDE, lanes);
    sum[c] = (vd)0.0;
  }
  for (size_t n = 0; n < rows; n++, x += stride) {
    for (int c = 0; c < vectors; c++) {
      vd d = widened(load_half(x + c * WIDE, lanes)) - mu[c];
      sum[c] += d * d;
    }
  }
  for (int c = 0; c < vectors; c++) { store_wide(variance + c * WIDE, sum[c] / (double)rows, lanes); }
}

static void column_variances(
  const float *x, const double *mean, double *variance, size_t rows, size_t columns, size_t begin, size_t end) {
#define KERNEL(j, vectors, lanes) variances_strip(x + j, mean + j, variance + j, rows, columns, vectors, lanes)
  OVER_STRIPS(KERNEL);
#undef KERNEL
}

// MARK: Normalization

/// Vectors in a full strip of a pass that stores two matrices. Rows may be 4 KiB apart, and some processors then take a load
/// for one from the place of an earlier store and wait. With so many stores between two rows, no load has to wait.
enum { LONG_STRIP = 16 };

/// A line is fetched so many rows before it is stored, because it is no longer in the near caches since the last step.
enum { ROWS_BEFORE_STORE = 2 };

INLINE void store_activated(hf value, nc_activation activation, float *before, float *y, size_t lanes) {
  if (before) { store_half(before, value, lanes); }
  store_half(y, activation == NC_RELU ? rectified_half(value) : value, lanes);
}

/// One vector of normalized values, those of vector c of a strip.
#define NORMALIZED(c) \
  narrowed(weight[c] * ((widened(load_half(x + i + (c) * WIDE, lanes)) - mu[c]) * scale[c]) + shift[c])
INLINE void normalize_strip(
  const float *x, const double *mean, const double *r, const float *gamma, const float *beta,
  nc_activation activation, float *before, float *y, size_t rows, size_t stride, int vectors, size_t lanes) {
  vd mu[LONG_STRIP], scale[LONG_STRIP], weight[LONG_STRIP], shift[LONG_STRIP];
  for (int c = 0; c < vectors; c++) {
    mu[c] = load_wide(mean + c * WIDE, lanes);
    scale[c] = load_wide(r + c * WIDE, lanes);
    weight[c] = widened(load_half(gamma + c * WIDE, lanes));
    shift[c] = widened(load_half(beta + c * WIDE, lanes));
  }
  for (size_t i = 0; i < rows * stride; i += stride) {
    int c = 0;
    for (; c + 1 < vectors; c += 2) {
      vf value = joined(NORMALIZED(c), NORMALIZED(c + 1));
      size_t at = i + (size_t)c * WIDE, later = at + ROWS_BEFORE_STORE * stride;
      if (before) { __builtin_prefetch(before + later, 1, 3); }
      __builtin_prefetch(y + later, 1, 3);
      if (before) { store(before + at, value, LANES); }
      store(y + at, activation == NC_RELU ? rectified(value) : value, LANES);
    }
    if (c < vectors) {
      hf value = NORMALIZED(c);
      size_t at = i + (size_t)c * WIDE;
      store_activated(value, activation, before ? before + at : 0, y + at, lanes);
    }
  }
}

static void normalize(
  const float *x, const double *mean, const double *r, const float *gamma, const float *beta,
  nc_activation activation, float *before, float *y, size_t rows, size_t columns, size_t begin, size_t end) {
#define KERNEL(j, vectors, lanes)                                                                             \
  normalize_strip(                                                                                            \
    x + j, mean + j, r + j, gamma + j, beta + j, activation, before ? before + j : 0, y + j, rows, columns, \
    vectors, lanes)
  OVER_STRIPS_OF(LONG_STRIP, KERNEL);
#undef KERNEL
}

INLINE void normalize_running_strip(
  const float *x, const float *running_mean, const double *r, const float *gamma, const float *beta,
  nc_activation activation, float *before, float *y, size_t rows, size_t stride, int vectors, size_t lanes) {
  vd mu[LONG_STRIP], scale[LONG_STRIP], weight[LONG_STRIP], shift[LONG_STRIP];
  for (int c = 0; c < vectors; c++) {
    mu[c] = widened(load_half(running_mean + c * WIDE, lanes));
    scale[c] = load_wide(r + c * WIDE, lanes);
    weight[c] = widened(load_half(gamma + c * WIDE, lanes));
    shift[c] = widened(load_half(beta + c * WIDE, lanes));
  }
  for (size_t i = 0; i < rows * stride; i += stride) {
    for (int c = 0; c < vectors; c++) {
      size_t at = i + (size_t)c * WIDE;
      vd centered = widened(load_half(x + at, lanes)) - mu[c];
      hf value = narrowed((weight[c] * centered) * scale[c] + shift[c]);
      store_activated(value, activation, before ? before + at : 0, y + at, lanes);
    }
  }
}

static void normalize_running(
  const float *x, const float *running_mean, const double *r, const float *gamma, const float *beta,
  nc_activation activation, float *before, float *y, size_t rows, size_t columns, size_t begin, size_t end) {
#define KERNEL(j, vectors, lanes)                                                                                     \
  normalize_running_strip(                                                                                            \
    x + j, running_mean + j, r + j, gamma + j, beta + j, activation, before ? before + j : 0, y + j, rows, columns, \
    vectors, lanes)
  OVER_STRIPS_OF(LONG_STRIP, KERNEL);
#undef KERNEL
}

// MARK: Backward

/// dy where activated > 0, else +0; dy where there is no activation.
INLINE vd passed(const float *dy, const float *activated, size_t lanes) {
  hf gradient = load_half(dy, lanes);
  if (activated) { gradient = (hf)((hi)gradient & (load_half(activated, lanes) > 0.0f)); }
  return widened(gradient);
}

INLINE void backward_sums_strip(
  const float *x, const float *dy, const float *activated, const double *mean, const double *r, double *sum_dy,
  double *sum_dy_xhat, size_t rows, size_t stride, int vectors, size_t lanes) {
  vd mu[STRIP], scale[STRIP], sum[STRIP] = {0}, product[STRIP] = {0};
  for (int c = 0; c < vectors; c++) {
    mu[c] = load_wide(mean + c * WIDE, lanes);
    scale[c] = load_wide(r + c * WIDE, lanes);
  }
  for (size_t i = 0; i < rows * stride; i += stride) {
    for (int c = 0; c < vectors; c++) {
      size_t at = i + (size_t)c * WIDE;
      vd gradient = passed(dy + at, activated ? activated + at : 0, lanes);
      vd xhat = (widened(load_half(x + at, lanes)) - mu[c]) * scale[c];
      sum[c] += gradient;
      product[c] += gradient * xhat;
    }
  }
  for (int c = 0; c < vectors; c++) {
    store_wide(sum_dy + c * WIDE, sum[c], lanes);
    store_wide(sum_dy_xhat + c * WIDE, product[c], lanes);
  }
}

static void normalize_backward_sums(
  const float *x, const float *dy, const float *activated, const double *mean, const double *r, double *sum_dy,
  double *sum_dy_xhat, size_t rows, size_t columns, size_t begin, size_t end) {
#define KERNEL(j, vectors, lanes)                                                                                   \
  backward_sums_strip(                                                                                              \
    x + j, dy + j, activated ? activated + j : 0, mean + j, r + j, sum_dy + j, sum_dy_xhat + j, rows, columns, \
    vectors, lanes)
  OVER_STRIPS(KERNEL);
#undef KERNEL
}

/// `shift` is sum_dy/m. Where m is a power of two, ·(1/m) is the same exact quotient rounded once, so it replaces ÷m.
INLINE void backward_strip(
  const float *x, const float *dy, const float *activated, const double *mean, const double *r, const float *gamma,
  const double *sum_dy, const double *sum_dy_xhat, float *dx, size_t rows, size_t stride, int vectors, size_t lanes) {
  double m = (double)rows, inverse = 1.0 / m;
  int exact = (rows & (rows - 1)) == 0;
  vd mu[STRIP], scale[STRIP], weight[STRIP], shift[STRIP], slope[STRIP];
  for (int c = 0; c < vectors; c++) {
    mu[c] = load_wide(mean + c * WIDE, lanes);
    scale[c] = load_wide(r + c * WIDE, lanes);
    weight[c] = widened(load_half(gamma + c * WIDE, lanes)) * scale[c];
    shift[c] = load_wide(sum_dy + c * WIDE, lanes) / m;
    slope[c] = load_wide(sum_dy_xhat + c * WIDE, lanes);
  }
  for (size_t i = 0; i < rows * stride; i += stride) {
    for (int c = 0; c < vectors; c++) {
      size_t at = i + (size_t)c * WIDE;
      vd gradient = passed(dy + at, activated ? activated + at : 0, lanes);
      vd slant = (widened(load_half(x + at, lanes)) - mu[c]) * scale[c] * slope[c];
      slant = exact ? slant * inverse : slant / m;
      store_half(dx + at, narrowed(weight[c] * ((gradient - shift[c]) - slant)), lanes);
    }
  }
}

static void normalize_backward(
  const float *x, const float *dy, const float *activated, const double *mean, const double *r, const float *gamma,
  const double *sum_dy, const double *sum_dy_xhat, float *dx, size_t rows, size_t columns, size_t begin, size_t end) {
#define KERNEL(j, vectors, lanes)                                                                                     \
  backward_strip(                                                                                                     \
    x + j, dy + j, activated ? activated + j : 0, mean + j, r + j, gamma + j, sum_dy + j, sum_dy_xhat + j, dx + j,  \
    rows, columns, vectors, lanes)
  OVER_STRIPS(KERNEL);
#undef KERNEL
}

INLINE void running_backward_strip(
  const float *dy, const float *activated, const double *r, const float *gamma, float *dx, size_t rows, size_t stride,
  int vectors, size_t lanes) {
  vd weight[STRIP];
  for (int c = 0; c < vectors; c++) {
    weight[c] = widened(load_half(gamma + c * WIDE, lanes)) * load_wide(r + c * WIDE, lanes);
  }
  for (size_t i = 0; i < rows * stride; i += stride) {
    for (int c = 0; c < vectors; c++) {
      size_t at = i + (size_t)c * WIDE;
      vd gradient = passed(dy + at, activated ? activated + at : 0, lanes);
      store_half(dx + at, narrowed(weight[c] * gradient), lanes);
    }
  }
}

static void normalize_running_backward(
  const float *dy, const float *activated, const double *r, const float *gamma, float *dx, size_t rows,
  size_t columns, size_t begin, size_t end) {
#define KERNEL(j, vectors, lanes)                                                                        \
  running_backward_strip(                                                                                \
    dy + j, activated ? activated + j : 0, r + j, gamma + j, dx + j, rows, columns, vectors, lanes)
  OVER_STRIPS(KERNEL);
#undef KERNEL
}
