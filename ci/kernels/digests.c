// Digests of what the kernels of one variant compute, a line a kernel: the same on every processor and for every variant.
//
//   digests VARIANT COUNT
//
// COUNT cases a kernel: shapes, ranges and values from one fixed stream, special values among them. ci/neon compares the
// lines of several variants and processors.
#include "CKernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST = 1 << 16 };

static uint64_t state;
static uint32_t draw(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 16);
}
static size_t below(size_t limit) { return draw() % limit; }

/// Kind 0 is uniform in [-1, 1), kind 1 has many zeros, as behind ReLU, kind 2 has any bits now and then.
static float value(unsigned kind) {
  uint32_t bits = draw();
  if (kind == 1 && bits % 2 == 0) { return bits % 64 == 0 ? -0.0f : 0.0f; }
  if (kind == 2 && bits % 16 == 0) {
    bits = draw();
    float any;
    memcpy(&any, &bits, sizeof any);
    return any;
  }
  return (float)(bits & 0xffffff) * 0x1p-23f - 1;
}

/// FNV-1a of 64 bits, over bits of which those of a NaN are all the same.
static uint64_t digest;
static void add_bits(uint64_t bits) {
  for (int i = 0; i < 8; i++, bits >>= 8) { digest = (digest ^ (bits & 0xff)) * 0x100000001b3; }
}
static void add_floats(const float *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, values + i, sizeof bits);
    add_bits(values[i] == values[i] ? bits : 0x7fc00000);
  }
}
static void add_doubles(const double *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint64_t bits;
    memcpy(&bits, values + i, sizeof bits);
    add_bits(values[i] == values[i] ? bits : 0x7ff8000000000000);
  }
}

static float a[LARGEST], b[LARGEST], c[LARGEST], d[LARGEST], e[LARGEST];
static float gamma_[LARGEST], beta[LARGEST], running[LARGEST];
static double mean[LARGEST], variance[LARGEST], r[LARGEST], sums[2][LARGEST], exponents[LARGEST], powers[128];
static uint8_t pixels[LARGEST];
static int32_t indices[LARGEST];

static void fill(float *values, size_t count, unsigned kind) {
  for (size_t i = 0; i < count; i++) { values[i] = value(kind); }
}

/// A matrix of which most rows begin alike, as images do.
static void fill_rows(float *values, size_t rows, size_t columns, unsigned kind) {
  fill(values, rows * columns, kind);
  size_t alike = below(columns + 1);
  for (size_t n = 1; n < rows; n++) {
    if (below(8) != 0) { memcpy(values + n * columns, values, below(alike + 1) * sizeof *values); }
  }
}

typedef enum kernel {
  PRODUCT, WEIGHT_GRADIENT, WEIGHT_STEP, INPUT_GRADIENT, SGD, BIAS_GRADIENT, MOMENTS, NORMALIZE, NORMALIZE_RUNNING,
  NORMALIZE_BACKWARD, NORMALIZE_RUNNING_BACKWARD, RELU, RELU_BACKWARD, PIXELS, EXPONENTIALS, CHANNELS, KERNELS
} kernel;
static const char *const names[] = {
  "product", "weight gradient", "weight step", "input gradient", "sgd", "bias gradient", "moments", "normalize",
  "normalize running", "normalize backward", "normalize running backward", "relu", "relu backward", "pixels",
  "exponentials", "channels"};

static void products(nc_variant v, kernel k) {
  unsigned kind = draw() % 3;
  size_t batch = 1 + below(70), inputs = 1 + below(80), outputs = 1 + below(100);
  // Pointers at any element, as Swift's arrays of a thread's part are.
  float *x = a + below(16), *w = b + below(16), *dy = c + below(16), *to = d + below(16);
  fill_rows(x, batch, inputs, kind);
  fill(w, inputs * outputs, kind == 2 ? 2 : 0);
  fill(dy, batch * outputs, kind);
  fill(e, outputs, kind);
  size_t ends[] = {outputs, inputs, inputs, inputs}, cut = below(ends[k] + 1), step = below(inputs + 1);
  switch (k) {
    case PRODUCT: {
      // The same for both halves: which columns they are depends on where the weights stand in memory.
      const float *bias = draw() % 2 ? e : 0;
      for (size_t half = 0; half < 2; half++) {
        size_t begin = half ? cut : 0, end = half ? outputs : cut;
        nc_product(v, x, w, bias, to, batch, inputs, outputs, 0, step, begin, end);
        nc_product(v, x, w, 0, to, batch, inputs, outputs, step, inputs, begin, end);
      }
      add_floats(to, batch * outputs);
      return;
    }
    case WEIGHT_GRADIENT:
      nc_weight_gradient(v, x, dy, to, batch, inputs, outputs, 0, cut);
      nc_weight_gradient(v, x, dy, to, batch, inputs, outputs, cut, inputs);
      add_floats(to, inputs * outputs);
      return;
    case WEIGHT_STEP: {
      nc_sgd_rule rule = {0.01f, 0.9f, draw() % 2 ? 0 : 0.5f, draw() % 2, draw() % 4 != 0};
      fill(to, inputs * outputs, kind == 2 ? 2 : 0);
      nc_weight_step(v, x, dy, w, to, rule, batch, inputs, outputs, 0, cut);
      nc_weight_step(v, x, dy, w, to, rule, batch, inputs, outputs, cut, inputs);
      add_floats(w, inputs * outputs);
      add_floats(to, inputs * outputs);
      return;
    }
    default:
      nc_input_gradient(v, dy, w, to, batch, inputs, outputs, 0, cut);
      nc_input_gradient(v, dy, w, to, batch, inputs, outputs, cut, inputs);
      add_floats(to, batch * inputs);
  }
}

static void columns(nc_variant v, kernel k) {
  unsigned kind = draw() % 3;
  size_t rows = 1 + below(70), columns = 1 + below(100), cut = below(columns + 1), count = rows * columns;
  fill(a, count, kind);
  fill(b, count, kind);
  fill(c, count, kind);
  fill(gamma_, columns, kind);
  fill(beta, columns, kind);
  fill(running, columns, kind);
  for (size_t j = 0; j < columns; j++) {
    mean[j] = (double)value(0) * 0x1p-3;
    r[j] = 1 + (double)value(0) / 3;
  }
  const float *activated = draw() % 2 ? c : 0;
  nc_activation activation = draw() % 2;
  for (size_t half = 0; half < 2; half++) {
    size_t begin = half ? cut : 0, end = half ? columns : cut;
    switch (k) {
      case BIAS_GRADIENT: nc_bias_gradient(v, a, d, rows, columns, begin, end); break;
      case MOMENTS:
        nc_column_means(v, a, mean, rows, columns, begin, end);
        nc_column_variances(v, a, mean, variance, rows, columns, begin, end);
        break;
      case NORMALIZE:
        nc_normalize(v, a, mean, r, gamma_, beta, activation, e, d, rows, columns, begin, end);
        break;
      case NORMALIZE_RUNNING:
        nc_normalize_running(v, a, running, r, gamma_, beta, activation, e, d, rows, columns, begin, end);
        break;
      case NORMALIZE_BACKWARD:
        nc_normalize_backward_sums(v, a, b, activated, mean, r, sums[0], sums[1], rows, columns, begin, end);
        nc_normalize_backward(
          v, a, b, activated, mean, r, gamma_, sums[0], sums[1], d, rows, columns, begin, end);
        break;
      default: nc_normalize_running_backward(v, b, activated, r, gamma_, d, rows, columns, begin, end);
    }
  }
  if (k == MOMENTS) {
    add_doubles(mean, columns);
    add_doubles(variance, columns);
    return;
  }
  add_floats(d, k == BIAS_GRADIENT ? columns : count);
  if (k == NORMALIZE || k == NORMALIZE_RUNNING) { add_floats(e, count); }
  if (k == NORMALIZE_BACKWARD) {
    add_doubles(sums[0], columns);
    add_doubles(sums[1], columns);
  }
}

static void elements(nc_variant v, kernel k) {
  size_t count = 1 + below(400);
  fill(a, count, 2);
  fill(b, count, draw() % 3);
  fill(c, count, draw() % 3);
  switch (k) {
    case SGD: {
      nc_sgd_rule rule = {0.01f, draw() % 4 ? 0.9f : 0, draw() % 2 ? 0 : 0.5f, draw() % 2, draw() % 4 != 0};
      nc_sgd(v, b, c, a, rule, count);
      add_floats(b, count);
      add_floats(c, count);
      return;
    }
    case RELU:
      nc_relu(v, a, d, count);
      add_floats(d, count);
      return;
    case RELU_BACKWARD:
      nc_relu_backward(v, a, b, d, count);
      add_floats(d, count);
      return;
    case PIXELS: {
      size_t length = 1 + below(90), rows = 1 + below(30);
      for (size_t i = 0; i < 10 * length; i++) { pixels[i] = (uint8_t)draw(); }
      for (size_t i = 0; i < rows; i++) { indices[i] = (int32_t)below(10); }
      nc_gather_pixels(v, pixels, indices, d, rows, length);
      add_floats(d, rows * length);
      return;
    }
    default:
      for (size_t i = 0; i < count; i++) { exponents[i] = 700 * (double)value(0); }
      nc_exponentials(v, exponents, powers, count);
      add_doubles(exponents, count);
  }
}

/// The loops over [batch, channels, spatial], which are the same for all variants but not for all compilers.
static void channels(void) {
  size_t batch = 1 + below(8), channels = 1 + below(8), spatial = 1 + below(30), count = batch * channels * spatial;
  fill(a, count, draw() % 3);
  fill(b, count, draw() % 3);
  fill(gamma_, channels, 0);
  fill(beta, channels, 0);
  fill(running, channels, 0);
  nc_channel_means(a, mean, batch, channels, spatial, 0, channels);
  nc_channel_variances(a, mean, variance, batch, channels, spatial, 0, channels);
  for (size_t j = 0; j < channels; j++) { r[j] = 1 + (double)value(0) / 3; }
  nc_channel_normalize(a, mean, r, gamma_, beta, d, batch, channels, spatial, 0, channels);
  add_floats(d, count);
  nc_channel_normalize_running(a, running, r, gamma_, beta, d, batch, channels, spatial, 0, channels);
  add_floats(d, count);
  nc_channel_normalize_backward_sums(a, b, mean, r, sums[0], sums[1], batch, channels, spatial, 0, channels);
  nc_channel_normalize_backward(
    a, b, mean, r, gamma_, sums[0], sums[1], d, batch, channels, spatial, 0, channels);
  add_floats(d, count);
  nc_channel_normalize_running_backward(b, r, gamma_, d, batch, channels, spatial, 0, channels);
  add_floats(d, count);
  add_doubles(mean, channels);
  add_doubles(variance, channels);
  add_doubles(sums[0], channels);
  add_doubles(sums[1], channels);
}

int main(int count, char **arguments) {
  nc_variant variant;
  if (count != 3 || nc_select(arguments[1], &variant) != NC_SELECTED) {
    fprintf(stderr, "usage: digests VARIANT COUNT, with a variant that this processor runs\n");
    return 2;
  }
  // Any table serves to compare bits; this one is about 2^(j/64).
  for (int j = 0; j < 64; j++) {
    powers[2 * j] = 1 + j / 64.0;
    powers[2 * j + 1] = j * 0x1p-60;
  }
  for (kernel k = 0; k < KERNELS; k++) {
    digest = 0xcbf29ce484222325;
    state = 0x9e3779b97f4a7c15 + k;
    for (long i = atol(arguments[2]); i > 0; i--) {
      if (k <= INPUT_GRADIENT) {
        products(variant, k);
      } else if (k == CHANNELS) {
        channels();
      } else if (k == BIAS_GRADIENT || (k >= MOMENTS && k <= NORMALIZE_RUNNING_BACKWARD)) {
        columns(variant, k);
      } else {
        elements(variant, k);
      }
    }
    printf("%016llx %s\n", (unsigned long long)digest, names[k]);
  }
  return 0;
}
