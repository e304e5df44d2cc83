/// Batch normalization of [batch, channels, spatial]: plain loops, the same for every variant.
#include "CKernels.h"

#pragma STDC FP_CONTRACT OFF

/// Where the values of channel c of example n begin.
static size_t start_of(size_t n, size_t c, size_t channels, size_t spatial) { return (n * channels + c) * spatial; }

void nc_channel_means(
  const float *x, double *mean, size_t batch, size_t channels, size_t spatial, size_t begin, size_t end) {
  for (size_t c = begin; c < end; c++) {
    double sum = 0;
    for (size_t n = 0; n < batch; n++) {
      const float *row = x + start_of(n, c, channels, spatial);
      for (size_t i = 0; i < spatial; i++) { sum += (double)row[i]; }
    }
    mean[c] = sum / (double)(batch * spatial);
  }
}

void nc_channel_variances(
  const float *x, const double *mean, double *variance, size_t batch, size_t channels, size_t spatial, size_t begin,
  size_t end) {
  for (size_t c = begin; c < end; c++) {
    double sum = 0;
    for (size_t n = 0; n < batch; n++) {
      const float *row = x + start_of(n, c, channels, spatial);
      for (size_t i = 0; i < spatial; i++) {
        double d = (double)row[i] - mean[c];
        sum += d * d;
      }
    }
    variance[c] = sum / (double)(batch * spatial);
  }
}

void nc_channel_normalize(
  const float *x, const double *mean, const double *r, const float *gamma, const float *beta, float *y, size_t batch,
  size_t channels, size_t spatial, size_t begin, size_t end) {
  for (size_t n = 0; n < batch; n++) {
    for (size_t c = begin; c < end; c++) {
      size_t start = start_of(n, c, channels, spatial);
      for (size_t i = start; i < start + spatial; i++) {
        double xhat = ((double)x[i] - mean[c]) * r[c];
        y[i] = (float)((double)gamma[c] * xhat + (double)beta[c]);
      }
    }
  }
}

void nc_channel_normalize_running(
  const float *x, const float *running_mean, const double *r, const float *gamma, const float *beta, float *y,
  size_t batch, size_t channels, size_t spatial, size_t begin, size_t end) {
  for (size_t n = 0; n < batch; n++) {
    for (size_t c = begin; c < end; c++) {
      size_t start = start_of(n, c, channels, spatial);
      for (size_t i = start; i < start + spatial; i++) {
        double centered = (double)x[i] - (double)running_mean[c];
        y[i] = (float)(((double)gamma[c] * centered) * r[c] + (double)beta[c]);
      }
    }
  }
}

void nc_channel_normalize_backward_sums(
  const float *x, const float *dy, const double *mean, const double *r, double *sum_dy, double *sum_dy_xhat,
  size_t batch, size_t channels, size_t spatial, size_t begin, size_t end) {
  for (size_t c = begin; c < end; c++) {
    double sum = 0, product = 0;
    for (size_t n = 0; n < batch; n++) {
      size_t start = start_of(n, c, channels, spatial);
      for (size_t i = start; i < start + spatial; i++) {
        double xhat = ((double)x[i] - mean[c]) * r[c];
        sum += (double)dy[i];
        product += (double)dy[i] * xhat;
      }
    }
    sum_dy[c] = sum;
    sum_dy_xhat[c] = product;
  }
}

void nc_channel_normalize_backward(
  const float *x, const float *dy, const double *mean, const double *r, const float *gamma, const double *sum_dy,
  const double *sum_dy_xhat, float *dx, size_t batch, size_t channels, size_t spatial, size_t begin, size_t end) {
  double m = (double)(batch * spatial);
  for (size_t n = 0; n < batch; n++) {
    for (size_t c = begin; c < end; c++) {
      double weight = (double)gamma[c] * r[c], shift = sum_dy[c] / m;
      size_t start = start_of(n, c, channels, spatial);
      for (size_t i = start; i < start + spatial; i++) {
        double xhat = ((double)x[i] - mean[c]) * r[c];
        dx[i] = (float)(weight * (((double)dy[i] - shift) - (xhat * sum_dy_xhat[c]) / m));
      }
    }
  }
}

void nc_channel_normalize_running_backward(
  const float *dy, const double *r, const float *gamma, float *dx, size_t batch, size_t channels, size_t spatial,
  size_t begin, size_t end) {
  for (size_t n = 0; n < batch; n++) {
    for (size_t c = begin; c < end; c++) {
      double weight = (double)gamma[c] * r[c];
      size_t start = start_of(n, c, channels, spatial);
      for (size_t i = start; i < start + spatial; i++) { dx[i] = (float)(weight * (double)dy[i]); }
    }
  }
}
