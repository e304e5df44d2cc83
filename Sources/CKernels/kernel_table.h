/// One variant's kernels; the fields follow the public functions of the same names.
#ifndef NORMCHECK_KERNEL_TABLE_H
#define NORMCHECK_KERNEL_TABLE_H

#include "CKernels.h"

typedef struct nc_table {
  void (*product)(
    const float *x, const float *w, const float *bias, float *y, size_t batch, size_t inputs, size_t outputs,
    size_t first, size_t last, size_t begin, size_t end);
  void (*weight_gradient)(
    const float *x, const float *dy, float *dw, size_t batch, size_t inputs, size_t outputs, size_t begin, size_t end);
  void (*weight_step)(
    const float *x, const float *dy, float *p, float *v, nc_sgd_rule rule, size_t batch, size_t inputs, size_t outputs,
    size_t begin, size_t end);
  void (*input_gradient)(
    const float *dy, const float *w, float *dx, size_t batch, size_t inputs, size_t outputs, size_t begin, size_t end);
  void (*sgd)(float *p, float *v, const float *g, nc_sgd_rule rule, size_t count);
  void (*bias_gradient)(const float *dy, float *db, size_t rows, size_t columns, size_t begin, size_t end);
  void (*column_means)(const float *x, double *mean, size_t rows, size_t columns, size_t begin, size_t end);
  void (*column_variances)(
    const float *x, const double *mean, double *variance, size_t rows, size_t columns, size_t begin, size_t end);
  void (*normalize)(
    const float *x, const double *mean, const double *r, const float *gamma, const float *beta,
    nc_activation activation, float *before, float *y, size_t rows, size_t columns, size_t begin, size_t end);
  void (*normalize_running)(
    const float *x, const float *running_mean, const double *r, const float *gamma, const float *beta,
    nc_activation activation, float *before, float *y, size_t rows, size_t columns, size_t begin, size_t end);
  void (*normalize_backward_sums)(
    const float *x, const float *dy, const float *activated, const double *mean, const double *r, double *sum_dy,
    double *sum_dy_xhat, size_t rows, size_t columns, size_t begin, size_t end);
  void (*normalize_backward)(
    const float *x, const float *dy, const float *activated, const double *mean, const double *r, const float *gamma,
    const double *sum_dy, const double *sum_dy_xhat, float *dx, size_t rows, size_t columns, size_t begin, size_t end);
  void (*normalize_running_backward)(
    const float *dy, const float *activated, const double *r, const float *gamma, float *dx, size_t rows,
    size_t columns, size_t begin, size_t end);
  void (*relu)(const float *x, float *y, size_t count);
  void (*relu_backward)(const float *activated, const float *dy, float *dx, size_t count);
  void (*gather_pixels)(const uint8_t *pixels, const int32_t *indices, float *y, size_t count, size_t row_length);
  void (*exponentials)(double *x, const double *powers, size_t count);
  size_t (*product_work)(const float *x, size_t batch, size_t inputs, size_t outputs);
  size_t (*weight_gradient_work)(const float *x, size_t batch, size_t inputs, size_t outputs);
  double (*fused_burst)(size_t rounds, float *result);
} nc_table;

extern const nc_table nc_portable_table;
#if defined(__x86_64__)
extern const nc_table nc_avx2_table;
extern const nc_table nc_avx512_table;
extern const nc_table nc_lanes4_table;
extern const nc_table nc_lanes16_table;
#elif defined(__aarch64__)
extern const nc_table nc_neon_table;
extern const nc_table nc_lanes16_table;
#endif

#endif
