/// The choice of a variant, and the public functions, each of which calls its variant's kernel.
#include "kernel_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
  [NC_PORTABLE] = "portable", [NC_AVX2] = "avx2", [NC_AVX512] = "avx512", [NC_NEON] = "neon",
  [NC_LANES4] = "lanes4", [NC_LANES16] = "lanes16"};

/// Null where this build does not hold the variant.
static const nc_table *const tables[NC_LANES16 + 1] = {
  [NC_PORTABLE] = &nc_portable_table,
#if defined(__x86_64__)
  [NC_AVX2] = &nc_avx2_table,
  [NC_AVX512] = &nc_avx512_table,
  [NC_LANES4] = &nc_lanes4_table,
  [NC_LANES16] = &nc_lanes16_table,
#elif defined(__aarch64__)
  [NC_NEON] = &nc_neon_table,
  [NC_LANES16] = &nc_lanes16_table,
#endif
};

static int is_supported(nc_variant variant) {
  switch (variant) {
    case NC_PORTABLE: return 1;
#if defined(__x86_64__)
    case NC_AVX2:
    case NC_LANES4:
    case NC_LANES16: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case NC_AVX512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
             && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
             && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
#if defined(__aarch64__)
    case NC_NEON:
    case NC_LANES16: return 1;
#endif
    default: return 0;
  }
}

nc_selection nc_select(const char *name, nc_variant *variant) {
  // The portable kernels run everywhere. So those for tests, after them, are found by name only.
  static const nc_variant candidates[] = {NC_AVX512, NC_AVX2, NC_NEON, NC_PORTABLE, NC_LANES4, NC_LANES16};
  int any = !name || !*name;
  for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
    nc_variant candidate = candidates[i];
    if (!any && strcmp(name, names[candidate]) != 0) { continue; }
    if (is_supported(candidate)) {
      *variant = candidate;
      return NC_SELECTED;
    }
    if (!any) { return NC_UNSUPPORTED; }
  }
  return NC_UNKNOWN_NAME;
}

const char *nc_variant_name(nc_variant variant) { return names[variant]; }

static const nc_table *table_of(nc_variant variant) {
  const nc_table *table = tables[variant];
  if (!table) {
    fprintf(stderr, "The %s kernels are not part of this build; choose a variant with nc_select.\n", names[variant]);
    abort();
  }
  return table;
}

void nc_product(
  nc_variant variant, const float *x, const float *w, const float *bias, float *y, size_t batch, size_t inputs,
  size_t outputs, size_t first, size_t last, size_t begin, size_t end) {
  table_of(variant)->product(x, w, bias, y, batch, inputs, outputs, first, last, begin, end);
}

void nc_weight_gradient(
  nc_variant variant, const float *x, const float *dy, float *dw, size_t batch, size_t inputs, size_t outputs,
  size_t begin, size_t end) {
  table_of(variant)->weight_gradient(x, dy, dw, batch, inputs, outputs, begin, end);
}

void nc_input_gradient(
  nc_variant variant, const float *dy, const float *w, float *dx, size_t batch, size_t inputs, size_t outputs,
  size_t begin, size_t end) {
  table_of(variant)->input_gradient(dy, w, dx, batch, inputs, outputs, begin, end);
}

void nc_sgd(nc_variant variant, float *p, float *v, const float *g, nc_sgd_rule rule, size_t count) {
  table_of(variant)->sgd(p, v, g, rule, count);
}

void nc_weight_step(
  nc_variant variant, const float *x, const float *dy, float *p, float *v, nc_sgd_rule rule, size_t batch,
  size_t inputs, size_t outputs, size_t begin, size_t end) {
  table_of(variant)->weight_step(x, dy, p, v, rule, batch, inputs, outputs, begin, end);
}

void nc_bias_gradient(
  nc_variant variant, const float *dy, float *db, size_t rows, size_t columns, size_t begin, size_t end) {
  table_of(variant)->bias_gradient(dy, db, rows, columns, begin, end);
}

void nc_column_means(
  nc_variant variant, const float *x, double *mean, size_t rows, size_t columns, size_t begin, size_t end) {
  table_of(variant)->column_means(x, mean, rows, columns, begin, end);
}

void nc_column_variances(
  nc_variant variant, const float *x, const double *mean, double *variance, size_t rows, size_t columns, size_t begin,
  size_t end) {
  table_of(variant)->column_variances(x, mean, variance, rows, columns, begin, end);
}

void nc_normalize(
  nc_variant variant, const float *x, const double *mean, const double *r, const float *gamma, const float *beta,
  nc_activation activation, float *before, float *y, size_t rows, size_t columns, size_t begin, size_t end) {
  table_of(variant)->normalize(x, mean, r, gamma, beta, activation, before, y, rows, columns, begin, end);
}

void nc_normalize_running(
  nc_variant variant, const float *x, const float *running_mean, const double *r, const float *gamma,
  const float *beta, nc_activation activation, float *before, float *y, size_t rows, size_t columns, size_t begin,
  size_t end) {
  table_of(variant)->normalize_running(
    x, running_mean, r, gamma, beta, activation, before, y, rows, columns, begin, end);
}

void nc_normalize_backward_sums(
  nc_variant variant, const float *x, const float *dy, const float *activated, const double *mean, const double *r,
  double *sum_dy, double *sum_dy_xhat, size_t rows, size_t columns, size_t begin, size_t end) {
  table_of(variant)->normalize_backward_sums(
    x, dy, activated, mean, r, sum_dy, sum_dy_xhat, rows, columns, begin, end);
}

void nc_normalize_backward(
  nc_variant variant, const float *x, const float *dy, const float *activated, const double *mean, const double *r,
  const float *gamma, const double *sum_dy, const double *sum_dy_xhat, float *dx, size_t rows, size_t columns,
  size_t begin, size_t end) {
  table_of(variant)->normalize_backward(
    x, dy, activated, mean, r, gamma, sum_dy, sum_dy_xhat, dx, rows, columns, begin, end);
}

void nc_normalize_running_backward(
  nc_variant variant, const float *dy, const float *activated, const double *r, const float *gamma, float *dx,
  size_t rows, size_t columns, size_t begin, size_t end) {
  table_of(variant)->normalize_running_backward(dy, activated, r, gamma, dx, rows, columns, begin, end);
}

void nc_relu(nc_variant variant, const float *x, float *y, size_t count) {
  table_of(variant)->relu(x, y, count);
}

void nc_relu_backward(nc_variant variant, const float *activated, const float *dy, float *dx, size_t count) {
  table_of(variant)->relu_backward(activated, dy, dx, count);
}

void nc_gather_pixels(
  nc_variant variant, const uint8_t *pixels, const int32_t *indices, float *y, size_t count, size_t row_length) {
  table_of(variant)->gather_pixels(pixels, indices, y, count, row_length);
}

void nc_exponentials(nc_variant variant, double *x, const double *powers, size_t count) {
  table_of(variant)->exponentials(x, powers, count);
}

size_t nc_product_work(nc_variant variant, const float *x, size_t batch, size_t inputs, size_t outputs) {
  return table_of(variant)->product_work(x, batch, inputs, outputs);
}

size_t nc_weight_gradient_work(nc_variant variant, const float *x, size_t batch, size_t inputs, size_t outputs) {
  return table_of(variant)->weight_gradient_work(x, batch, inputs, outputs);
}

double nc_fused_burst(nc_variant variant, size_t rounds, float *result) {
  return table_of(variant)->fused_burst(rounds, result);
}
