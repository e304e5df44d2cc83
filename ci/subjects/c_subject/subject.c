/* A batch normalization in C that speaks the subject protocol with nothing but libc: the example to copy for kernels in C,
 * C++ or Rust. Replace the three functions under "The layer"; the rest is the wire.
 *
 *   cc -O2 -std=c11 -o c_subject ci/subjects/c_subject/subject.c -lm
 *   normcheck conform -- ./c_subject
 */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The layer: x is [n, c, s] row-major, s the product of the axes behind the channel. ---- */

typedef struct {
  int n, c, s;
} shape;

static size_t at(shape t, int n, int c, int s) { return ((size_t)n * t.c + c) * t.s + s; }

/* Mean and biased variance of one channel, in two passes. */
static void moments(shape t, const float *x, int c, double *mean, double *variance) {
  double sum = 0, squares = 0, count = (double)t.n * t.s;
  for (int n = 0; n < t.n; n++)
    for (int s = 0; s < t.s; s++) sum += x[at(t, n, c, s)];
  *mean = sum / count;
  for (int n = 0; n < t.n; n++)
    for (int s = 0; s < t.s; s++) squares += (x[at(t, n, c, s)] - *mean) * (x[at(t, n, c, s)] - *mean);
  *variance = squares / count;
}

/* y = gamma (x - mean) / sqrt(variance + epsilon) + beta; gamma NULL: not affine. */
static void normalize(shape t, const float *x, int c, double mean, double variance, double epsilon, const float *gamma,
                      const float *beta, float *y) {
  double scale = 1 / sqrt(variance + epsilon);
  for (int n = 0; n < t.n; n++)
    for (int s = 0; s < t.s; s++) {
      double x_hat = (x[at(t, n, c, s)] - mean) * scale;
      y[at(t, n, c, s)] = (float)(gamma ? gamma[c] * x_hat + beta[c] : x_hat);
    }
}

/* dx = gamma / sqrt(variance + epsilon) (dy - mean of dy - x_hat mean of dy x_hat) */
static void gradient(shape t, const float *x, const float *dy, int c, double epsilon, const float *gamma, float *dx,
                     float *dgamma, float *dbeta) {
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
      dx[i] = (float)((gamma ? gamma[c] : 1) * scale * inner);
    }
  dgamma[c] = (float)product;
  dbeta[c] = (float)sum;
}

/* ---- JSON: as much as the protocol needs. ---- */

static const char *skip_space(const char *p) {
  while (*p == ' ' || *p == '\t') p++;
  return p;
}

static const char *skip_string(const char *p) {
  for (p++; *p && *p != '"'; p++)
    if (*p == '\\' && p[1]) p++;
  return *p ? p + 1 : p;
}

/* Behind the value at p. */
static const char *skip_value(const char *p) {
  p = skip_space(p);
  if (*p == '"') return skip_string(p);
  if (*p == '{' || *p == '[') {
    int depth = 0;
    while (*p) {
      if (*p == '"') {
        p = skip_string(p);
        continue;
      }
      if (*p == '{' || *p == '[') depth++;
      if (*p == '}' || *p == ']') depth--;
      p++;
      if (depth == 0) return p;
    }
    return p;
  }
  while (*p && *p != ',' && *p != '}' && *p != ']') p++;
  return p;
}

/* The value of `key` in the object at p; NULL where it is absent or null. */
static const char *member(const char *p, const char *key) {
  if (!p || *p != '{') return NULL;
  size_t length = strlen(key);
  p = skip_space(p + 1);
  while (*p == '"') {
    int found = strncmp(p + 1, key, length) == 0 && p[1 + length] == '"';
    p = skip_space(skip_string(p));
    if (*p++ != ':') return NULL;
    p = skip_space(p);
    if (found) return strncmp(p, "null", 4) == 0 ? NULL : p;
    p = skip_space(skip_value(p));
    if (*p == ',') p = skip_space(p + 1);
  }
  return NULL;
}

/* ---- Tensors: base64 of little-endian float32. ---- */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The values of a tensor, to be freed; NULL for null. */
static float *tensor(const char *p, int axes[4], int *rank, size_t *count) {
  const char *list = member(p, "shape"), *text = member(p, "data");
  if (!list || !text) return NULL;
  *rank = 0;
  *count = 1;
  for (const char *q = list + 1; *q && *q != ']' && *rank < 4;) {
    char *end;
    axes[*rank] = (int)strtol(q, &end, 10);
    *count *= (size_t)axes[(*rank)++];
    q = skip_space(end);
    if (*q == ',') q++;
  }
  float *values = calloc(*count + 1, sizeof(float));
  unsigned char *bytes = (unsigned char *)values;
  size_t written = 0, limit = *count * 4;
  uint32_t bits = 0;
  int held = 0;
  for (text++; *text && *text != '"' && *text != '='; text++) {
    if (*text == '\\') continue;
    bits = bits << 6 | (uint32_t)(strchr(letters, *text) - letters);
    held += 6;
    if (held >= 8 && written < limit) bytes[written++] = (unsigned char)(bits >> (held -= 8));
  }
  return values;
}

static void print_tensor(const char *name, const float *values, const int *axes, int rank, const char *tail) {
  size_t count = 4;
  printf("\"%s\":", name);
  if (!values) {
    printf("null%s", tail);
    return;
  }
  printf("{\"dtype\":\"float32\",\"shape\":[");
  for (int k = 0; k < rank; k++) {
    printf(k ? ",%d" : "%d", axes[k]);
    count *= (size_t)axes[k];
  }
  printf("],\"data\":\"");
  const unsigned char *bytes = (const unsigned char *)values;
  for (size_t i = 0; i < count; i += 3) {
    uint32_t bits = (uint32_t)bytes[i] << 16 | (i + 1 < count ? (uint32_t)bytes[i + 1] << 8 : 0) |
                    (i + 2 < count ? bytes[i + 2] : 0);
    putchar(letters[bits >> 18]);
    putchar(letters[bits >> 12 & 63]);
    putchar(i + 1 < count ? letters[bits >> 6 & 63] : '=');
    putchar(i + 2 < count ? letters[bits & 63] : '=');
  }
  printf("\"}%s", tail);
}

/* ---- The methods. ---- */

static void describe(void) {
  printf("{\"protocol\":1,\"name\":\"c-example\",\"dtypes\":[\"float32\"],\"layouts\":[\"NC\",\"NCL\",\"NCHW\"],"
         "\"methods\":[\"forward_training\",\"forward_evaluation\",\"backward_training\"],"
         "\"conventions\":{\"running_variance\":\"unbiased\",\"momentum\":\"weight_of_new\",\"batch_of_one\":\"error\"}}");
}

static void mix(float *running, double weight, double batch) {
  if (weight != 0) *running = (float)((1 - weight) * *running + weight * batch);
}

static void answer(long id, const char *method, const char *params) {
  int axes[4], one[4], rank = 0, ignored;
  size_t count = 0, channels;
  float *x = tensor(member(params, "x"), axes, &rank, &count);
  float *gamma = tensor(member(params, "gamma"), one, &ignored, &channels);
  float *beta = tensor(member(params, "beta"), one, &ignored, &channels);
  float *mean = tensor(member(params, "running_mean"), one, &ignored, &channels);
  float *variance = tensor(member(params, "running_var"), one, &ignored, &channels);
  float *dy = tensor(member(params, "dy"), one, &ignored, &channels);
  const char *number = member(params, "epsilon");
  double epsilon = number ? strtod(number, NULL) : 1e-5;
  if (!x || rank < 2) {
    printf("{\"id\":%ld,\"error\":{\"code\":\"invalid_argument\",\"message\":\"x is no tensor of 2 to 4 axes\"}}\n", id);
    goto done;
  }
  shape t = {axes[0], axes[1], (rank > 2 ? axes[2] : 1) * (rank > 3 ? axes[3] : 1)};
  float *y = calloc(count + 1, sizeof(float));
  float *dgamma = calloc((size_t)t.c + 1, sizeof(float)), *dbeta = calloc((size_t)t.c + 1, sizeof(float));
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
