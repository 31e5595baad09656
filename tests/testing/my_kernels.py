"""Kernels as somebody might have written them; ``symnorm diagnose`` is asked what they compute."""

import numpy as np


def layer_norm(x, gamma, beta, eps=1e-5):
    mu = x.mean(-1, keepdims=True)
    s = np.sqrt(x.var(-1, keepdims=True) + x.dtype.type(eps))
    x_hat = (x - mu) / s
    return gamma * x_hat + beta, (x_hat, gamma, s)


def backward(dy, saved):
    x_hat, gamma, s = saved
    g = gamma * dy
    along = (g * x_hat).mean(-1, keepdims=True)
    return (g - g.mean(-1, keepdims=True) - x_hat * along) / s, (dy * x_hat).sum(0), dy.sum(0)


def backward_without_mean(dy, saved):
    x_hat, gamma, s = saved
    g = gamma * dy
    return (g - x_hat * (g * x_hat).mean(-1, keepdims=True)) / s, (dy * x_hat).sum(0), dy.sum(0)


def transformer(a, weight, bias):
    return weight * (a - a.mean(-1, keepdims=True)) / (a.std(-1, keepdims=True, ddof=1) + a.dtype.type(1e-6)) + bias


def plain(x, eps):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + x.dtype.type(eps))


def root_mean_square(x, gamma, eps):
    return gamma * x / np.sqrt((x**2).mean(-1, keepdims=True) + x.dtype.type(eps))


def halved(x):
    return x / 2


def squared(x):
    return x * x


def something_else(x, gamma, beta):
    return gamma * np.tanh(x) + beta


def fails(x, gamma, beta):
    raise RuntimeError("no device")
