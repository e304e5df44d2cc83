/* A batch normalization in C that speaks the subject protocol with nothing but libc: the example to copy for kernels in C
 * or C++. Copy this file and wire.h, which speaks the protocol. Replace the three functions under "The layer" by calls of
 * your code, and say in `describe` what it offers.
 *
 * It is for float32; with -DREAL=double for float64.
 *
 *   cc -O2 -std=c11 -o c_subject ci/subjects/c_subject/subject.c -lm
 *   normcheck conform -- ./c_subject
 */
#include "wire.h"

#include <math.h>

/* ---- The layer: x is [n, c, s] row-major, s the product of the axes after the channel. ---- */

typedef struct {
  int n, c, s;
} shape;

static size_t at(shape t, int n, int c, int s) { return ((size_t)n * t.c + c) * t.s + s; }

/* Mean and biased variance of one channel, in two passes. */
static void moments(shape t, const real *x, int c, double *mean, double *variance) {
  double sum = 0, squares = 0, count = (double)t.n * t.s;
  for (int n = 0; n < t.n; n++)
    for (int s = 0; s < t.s; s++) sum += x[at(t, n, c, s)];
  *mean = sum / count;
  for (int n = 0; n < t.n; n++)
    for (int s = 0; s < t.s; s++) squares += (x[at(t, n, c, s)] - *mean) * (x[at(t, n, c, s)] - *mean);
  *variance = squares / count;
}

/* y = gamma (x - mean) / sqrt(variance + epsilon) + beta; gamma NULL: not affine. */
static void normalize(shape t, const real *x, int c, double mean, double variance, double epsilon, const real *gamma,
                      const real *beta, real *y) {
  double scale = 1 / sqrt(variance + epsilon);
  for (int n = 0; n < t.n; n++)
    for (int s = 0; s < t.s; s++) {
      double x_hat = (x[at(t, n, c, s)] - mean) * scale;
      y[at(t, n, c, s)] = (real)(gamma ? gamma[c] * x_hat + beta[c] : x_hat);
    }
}

/* dx = gamma / sqrt(variance + epsilon) (dy - mean of dy - x_hat mean of dy x_hat) */
static void gradient(shape t, const real *x, const real *dy, int c, double epsilon, const real *gamma, real *dx,
                     real *dgamma, real *dbeta) {
  double mean, variance, sum = 0, product = 0, count = (double)t.n * t.s;
  moments(t, x, c, &mean, &variance);
  double scale = 1 / sqrt(variance + epsilon);
  for (int n = 0; n < t.n; n++)
    for (int s = 0; s < t.s; s++) {
      size_t i = at(t, n, c, s);
      sum += dy[i];
      product += dy[i] * (x[i] - mean) * scale;
    }
  for (int n = 0; n < t.n; n++)
    for (int s = 0; s < t.s; s++) {
      size_t i = at(t, n, c, s);
      double inner = dy[i] - sum / count - (x[i] - mean) * scale * product / count;
      dx[i] = (real)((gamma ? gamma[c] : 1) * scale * inner);
    }
  dgamma[c] = (real)product;
  dbeta[c] = (real)sum;
}

/* ---- The methods. ---- */

static void describe(void) {
  printf("{\"protocol\":1,\"name\":\"c-example\",\"dtypes\":[\"%s\"],\"layouts\":[\"NC\",\"NCL\",\"NCHW\"],"
         "\"methods\":[\"forward_training\",\"forward_evaluation\",\"backward_training\"],"
         "\"conventions\":{\"running_variance\":\"unbiased\",\"momentum\":\"weight_of_new\",\"batch_of_one\":\"error\"}}", DTYPE);
}

static void mix(real *running, double weight, double batch) {
  if (weight != 0) *running = (real)((1 - weight) * *running + weight * batch);
}

static void forward_training(const request *r, shape t) {
  real *y = calloc(r->count + 1, sizeof(real));
  double m = (double)t.n * t.s, weight = r->has_momentum ? r->momentum : r->weight_of_new;
  for (int c = 0; c < t.c; c++) {
    double mean, variance;
    moments(t, r->x, c, &mean, &variance);
    normalize(t, r->x, c, mean, variance, r->epsilon, r->gamma, r->beta, y);
    if (r->running_mean) mix(&r->running_mean[c], weight, mean);
    if (r->running_var) mix(&r->running_var[c], weight, variance * m / (m - 1));
  }
  answer_with(r);
  print_tensor("y", y, r->axes, r->rank, ",");
  print_tensor("running_mean", r->running_mean, &r->c, 1, ",");
  print_tensor("running_var", r->running_var, &r->c, 1, END);
  free(y);
}

static void forward_evaluation(const request *r, shape t) {
  real *y = calloc(r->count + 1, sizeof(real));
  for (int c = 0; c < t.c; c++)
    normalize(t, r->x, c, r->running_mean[c], r->running_var[c], r->epsilon, r->gamma, r->beta, y);
  answer_with(r);
  print_tensor("y", y, r->axes, r->rank, END);
  free(y);
}

static void backward_training(const request *r, shape t) {
  real *dx = calloc(r->count + 1, sizeof(real));
  real *dgamma = calloc((size_t)t.c + 1, sizeof(real)), *dbeta = calloc((size_t)t.c + 1, sizeof(real));
  for (int c = 0; c < t.c; c++) gradient(t, r->x, r->dy, c, r->epsilon, r->gamma, dx, dgamma, dbeta);
  answer_with(r);
  print_tensor("dx", dx, r->axes, r->rank, ",");
  print_tensor("dgamma", r->gamma ? dgamma : NULL, &r->c, 1, ",");
  print_tensor("dbeta", r->gamma ? dbeta : NULL, &r->c, 1, END);
  free(dx);
  free(dgamma);
  free(dbeta);
}

static void answer(const request *r) {
  shape t = {r->n, r->c, r->s};
  if (!r->fits) {
    refuse(r, "invalid_argument", "x has 2 to 4 axes, and every parameter one value a channel");
  } else if (asks(r, "forward_evaluation") && r->running_mean && r->running_var) {
    forward_evaluation(r, t);
  } else if ((double)t.n * t.s < 2) {
    refuse(r, "invalid_argument", "a variance needs two values in a channel");
  } else if (asks(r, "forward_training")) {
    forward_training(r, t);
  } else if (asks(r, "backward_training") && r->dy) {
    backward_training(r, t);
  } else {
    refuse(r, "unsupported", "no such method");
  }
}

int main(void) { return serve(describe, answer); }
