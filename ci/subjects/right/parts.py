"""Ways to write the parts of a batch normalization, all of them correct: statistics, updates, gradients.

Statistics take x [N, C, …] and give the mean and the biased variance of each channel. Updates take the stored value, the
batch's and the momentum. Gradients take what the forward pass knows and give dx, the sum of dy·x̂ and the sum of dy.
"""

import numpy


def axes(x):
    """All axes except the channel axis."""
    return (0,) + tuple(range(2, x.ndim))


def column(values, x):
    """One value for each channel, in a shape that broadcasts with x."""
    return values.reshape((1, -1) + (1,) * (x.ndim - 2))


def count(x):
    """Values in each channel."""
    return x.shape[0] * int(numpy.prod(x.shape[2:]))


# Statistics.


def by_numpy(x):
    return x.mean(axes(x)), x.var(axes(x))


def by_einsum(x):
    flat, m = x.reshape(x.shape[0], x.shape[1], -1), count(x)
    mean = numpy.einsum("ncl->c", flat) / m
    d = flat - mean[:, None]
    return mean, numpy.einsum("ncl,ncl->c", d, d) / m


def by_rows(x):
    """Each channel as one row."""
    rows = x.swapaxes(0, 1).reshape(x.shape[1], count(x))
    mean = rows.sum(1) / count(x)
    return mean, ((rows - mean[:, None]) ** 2).mean(1)


def by_columns(x):
    """Channels last, as for a matrix of features."""
    rows = numpy.moveaxis(x, 1, -1).reshape(count(x), x.shape[1])
    mean = numpy.mean(rows, axis=0)
    return mean, numpy.mean(numpy.square(rows - mean), axis=0)


def by_blocks(x, width=64):
    """A loop over blocks of channels, as a kernel with a buffer of that width does it."""
    mean, variance = numpy.empty(x.shape[1], x.dtype), numpy.empty(x.shape[1], x.dtype)
    for start in range(0, x.shape[1], width):
        block = slice(start, start + width)
        mean[block], variance[block] = by_rows(x[:, block])
    return mean, variance


def halved(a):
    """Sums along the last axis by halves: first half plus second, again and again."""
    while a.shape[-1] > 1:
        half = a.shape[-1] // 2
        rest = a[..., 2 * half:]
        a = a[..., :half] + a[..., half:2 * half]
        a = numpy.concatenate((a, rest), axis=-1)
    return a[..., 0]


def by_halves(x):
    rows = x.swapaxes(0, 1).reshape(x.shape[1], count(x))
    mean = halved(rows) / count(x)
    d = rows - mean[:, None]
    return mean, halved(d * d) / count(x)


def by_correction(x):
    """Two passes; the second corrects the error of the first mean."""
    m, mean = count(x), x.mean(axes(x))
    d = x - column(mean, x)
    left = d.sum(axes(x))
    return mean, numpy.maximum(((d * d).sum(axes(x)) - left * left / m) / m, 0)


def by_float32(x):
    """All in float32, one addition after the other."""
    m, rows = numpy.float32(count(x)), numpy.moveaxis(x, 1, -1).reshape(count(x), x.shape[1])
    mean = numpy.add.reduce(rows, axis=0, dtype=numpy.float32) / m
    return mean, numpy.add.reduce(numpy.square(rows - mean), axis=0, dtype=numpy.float32) / m


def by_wide(x):
    """Sums in a wider type, rounded once."""
    wide = x.astype(numpy.float64 if x.dtype == numpy.float32 else numpy.longdouble)
    return wide.mean(axes(x)).astype(x.dtype), wide.var(axes(x)).astype(x.dtype)


def by_welford(x):
    """Welford's recurrence in many lanes at once, as vector code does it; the lanes are merged at the end."""
    rows, m = x.swapaxes(0, 1).reshape(x.shape[1], count(x)), count(x)
    lanes = min(m, 64 if m < 16384 else 1024)
    mean, squares = rows[:, :lanes].copy(), numpy.zeros((x.shape[1], lanes), x.dtype)
    counts = numpy.ones(lanes, int)
    for start in range(lanes, m, lanes):
        value = rows[:, start:start + lanes]
        some = slice(value.shape[1])
        counts[some] += 1
        before = value - mean[:, some]
        mean[:, some] += before / counts[some].astype(x.dtype)
        squares[:, some] += before * (value - mean[:, some])
    total, total_mean, total_squares = int(counts[0]), mean[:, 0], squares[:, 0]
    for k in range(1, lanes):
        n = total + int(counts[k])
        difference = mean[:, k] - total_mean
        total_mean = total_mean + difference * (int(counts[k]) / n)
        total_squares = total_squares + squares[:, k] + difference * difference * (total * int(counts[k]) / n)
        total = n
    return total_mean, total_squares / m


# Updates of the running statistics; p is the momentum.


def by_weights(old, new, p):
    return (1 - p) * old + p * new


def by_difference(old, new, p):
    old += p * (new - old)
    return old


def by_weights_of_old(old, new, p):
    return p * old + (1 - p) * new


def by_difference_of_old(old, new, p):
    old -= (old - new) * (1 - p)
    return old


# Gradients of training mode: x, mean, variance, ε, γ (ones if there is none) and dy.


def normalized(x, mean, variance, epsilon):
    return (x - column(mean, x)) / column(numpy.sqrt(variance + epsilon), x)


def by_three_terms(x, mean, variance, epsilon, gamma, dy):
    m, x_hat = count(x), normalized(x, mean, variance, epsilon)
    dgamma, dbeta = (dy * x_hat).sum(axes(x)), dy.sum(axes(x))
    scale = gamma / numpy.sqrt(variance + epsilon)
    return column(scale, x) * (dy - column(dbeta / m, x) - x_hat * column(dgamma / m, x)), dgamma, dbeta


def by_one_formula(x, mean, variance, epsilon, gamma, dy):
    m, inverse = count(x), 1 / numpy.sqrt(variance + epsilon)
    x_hat = (x - column(mean, x)) * column(inverse, x)
    dbeta = numpy.einsum("ncl->c", dy.reshape(dy.shape[0], dy.shape[1], -1))
    dgamma = numpy.sum(dy * x_hat, axis=axes(x))
    dx = column(gamma * inverse / m, x) * (m * dy - column(dbeta, x) - x_hat * column(dgamma, x))
    return dx, dgamma, dbeta


def by_projection(x, mean, variance, epsilon, gamma, dy):
    """dy without its mean, and without its component along x̂."""
    x_hat, dbeta = normalized(x, mean, variance, epsilon), dy.sum(axes(x))
    centered = dy - dy.mean(axes(x), keepdims=True)
    along = (centered * x_hat).mean(axes(x))
    dx = column(gamma / numpy.sqrt(variance + epsilon), x) * (centered - x_hat * column(along, x))
    return dx, (dy * x_hat).sum(axes(x)), dbeta


def by_chain_rule(x, mean, variance, epsilon, gamma, dy):
    """Through the variance and the mean, step by step."""
    m, d = count(x), x - column(mean, x)
    inverse = 1 / numpy.sqrt(variance + epsilon)
    dx_hat = dy * column(gamma, x)
    dinverse = (dx_hat * d).sum(axes(x))
    ddeviation = -dinverse * inverse * inverse
    dvariance = 0.5 * inverse * ddeviation
    dmean = -inverse * dx_hat.sum(axes(x)) + dvariance * (-2 * d).mean(axes(x))
    dx = dx_hat * column(inverse, x) + d * column(2 * dvariance / m, x) + column(dmean / m, x)
    return dx, (dy * d * column(inverse, x)).sum(axes(x)), dy.sum(axes(x))


def by_chain_of_deviation(x, mean, variance, epsilon, gamma, dy):
    """Through the standard deviation and the mean, step by step."""
    m, deviation = count(x), numpy.sqrt(variance + epsilon)
    x_hat, dx_hat = normalized(x, mean, variance, epsilon), dy * column(gamma, x)
    ddeviation = -(dx_hat * x_hat).sum(axes(x)) / deviation
    dmean = -dx_hat.sum(axes(x)) / deviation
    dx = dx_hat / column(deviation, x) + x_hat * column(ddeviation / m, x) + column(dmean / m, x)
    return dx, (dy * x_hat).sum(axes(x)), dy.sum(axes(x))


def by_blocks_of_channels(x, mean, variance, epsilon, gamma, dy, width=64):
    """A loop over blocks of channels."""
    dx, dgamma, dbeta = numpy.empty_like(x), numpy.empty_like(mean), numpy.empty_like(mean)
    for start in range(0, x.shape[1], width):
        block = slice(start, start + width)
        dx[:, block], dgamma[block], dbeta[block] = by_three_terms(
            x[:, block], mean[block], variance[block], epsilon, gamma[block], dy[:, block])
    return dx, dgamma, dbeta
