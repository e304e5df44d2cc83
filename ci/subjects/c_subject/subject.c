/* A batch normalization in C that speaks the subject protocol with nothing but libc: the example to copy for kernels in C
 * or C++. Replace the three functions under "The layer"; the rest is the wire (wire.h).
 *
 * It is for float32; with -DREAL=double for float64.
 *
 *   cc -O2 -std=c11 -o c_subject ci/subjects/c_subject/subject.c -lm
 *   normcheck conform -- ./c_subject
 */
#define _POSIX_C_SOURCE 200809L
#include <math.h>

#include "wire.h"

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

static void answer(long id, const char *method, const char *params) {
  int axes[4] = {0}, one[4], rank = 0, ignored;
  size_t count = 0, channels[4] = {0}, size;
  real *x = tensor(member(params, "x"), axes, &rank, &count);
  real *gamma = tensor(member(params, "gamma"), one, &ignored, &channels[0]);
  real *beta = tensor(member(params, "beta"), one, &ignored, &channels[1]);
  real *mean = tensor(member(params, "running_mean"), one, &ignored, &channels[2]);
  real *variance = tensor(member(params, "running_var"), one, &ignored, &channels[3]);
  real *dy = tensor(member(params, "dy"), one, &ignored, &size);
  const char *number = member(params, "epsilon");
  double epsilon = number ? strtod(number, NULL) : 1e-5;
  if (!x || rank < 2) {
    printf("{\"id\":%ld,\"error\":{\"code\":\"invalid_argument\",\"message\":\"x is no tensor of 2 to 4 axes\"}}\n", id);
    goto done;
  }
  const real *parameters[4] = {gamma, beta, mean, variance};
  for (int k = 0; k < 4; k++)
    if (parameters[k] && channels[k] != (size_t)axes[1]) {
      printf("{\"id\":%ld,\"error\":{\"code\":\"invalid_argument\",\"message\":\"not one parameter a channel\"}}\n", id);
      goto done;
    }
  shape t = {axes[0], axes[1], (rank > 2 ? axes[2] : 1) * (rank > 3 ? axes[3] : 1)};
  real *y = calloc(count + 1, sizeof(real));
  real *dgamma = calloc((size_t)t.c + 1, sizeof(real)), *dbeta = calloc((size_t)t.c + 1, sizeof(real));
  double m = (double)t.n * t.s;
  if (strncmp(method, "\"forward_evaluation\"", 20) == 0 && mean && variance) {
    for (int c = 0; c < t.c; c++) normalize(t, x, c, mean[c], variance[c], epsilon, gamma, beta, y);
    printf("{\"id\":%ld,\"result\":{", id);
    print_tensor("y", y, axes, rank, "}}\n");
  } else if (m < 2) {
    printf("{\"id\":%ld,\"error\":{\"code\":\"invalid_argument\",\"message\":\"a variance needs two values\"}}\n", id);
  } else if (strncmp(method, "\"forward_training\"", 18) == 0) {
    const char *momentum = member(params, "momentum"), *seen = member(params, "batches_tracked");
    double weight = momentum ? strtod(momentum, NULL) : 1 / ((seen ? strtod(seen, NULL) : 0) + 1);
    for (int c = 0; c < t.c; c++) {
      double batch_mean, batch_variance;
      moments(t, x, c, &batch_mean, &batch_variance);
      normalize(t, x, c, batch_mean, batch_variance, epsilon, gamma, beta, y);
      if (mean) mix(&mean[c], weight, batch_mean);
      if (variance) mix(&variance[c], weight, batch_variance * m / (m - 1));
    }
    printf("{\"id\":%ld,\"result\":{", id);
    print_tensor("y", y, axes, rank, ",");
    print_tensor("running_mean", mean, &t.c, 1, ",");
    print_tensor("running_var", variance, &t.c, 1, "}}\n");
  } else if (strncmp(method, "\"backward_training\"", 19) == 0 && dy) {
    for (int c = 0; c < t.c; c++) gradient(t, x, dy, c, epsilon, gamma, y, dgamma, dbeta);
    printf("{\"id\":%ld,\"result\":{", id);
    print_tensor("dx", y, axes, rank, ",");
    print_tensor("dgamma", gamma ? dgamma : NULL, &t.c, 1, ",");
    print_tensor("dbeta", gamma ? dbeta : NULL, &t.c, 1, "}}\n");
  } else {
    printf("{\"id\":%ld,\"error\":{\"code\":\"unsupported\",\"message\":\"no such method\"}}\n", id);
  }
  free(y);
  free(dgamma);
  free(dbeta);
done:
  free(x);
  free(gamma);
  free(beta);
  free(mean);
  free(variance);
  free(dy);
}

int main(void) {
  char *line = NULL;
  size_t capacity = 0;
  while (getline(&line, &capacity, stdin) > 0) {
    const char *id = member(line, "id"), *method = member(line, "method");
    if (!id || !method) return 1;
    if (strncmp(method, "\"describe\"", 10) == 0) {
      printf("{\"id\":%ld,\"result\":", strtol(id, NULL, 10));
      describe();
      printf("}\n");
    } else {
      answer(strtol(id, NULL, 10), method, member(line, "params"));
    }
    fflush(stdout);
  }
  free(line);
  return 0;
}
