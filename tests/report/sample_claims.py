"""Claims with every verdict, read as a user's file: each as expected, for reasons that every test can rely on."""

import symnorm as sn

N, C, K = sn.axes("N C K")
M, D = N.copy("M"), C.copy("D")
a = sn.scalar("a")
p, q, r = (sn.scalar(name, positive=True, integer=True) for name in ("p", "q", "r"))
A, W = sn.tensor("A", N, K), sn.tensor("W", K, C)
L = sn.Loss("L")

bn, wn = sn.load("batch_norm"), sn.load("weight_norm")
x, gamma, beta, eps = (bn.inputs[name] for name in ("x", "gamma", "beta", "eps"))

sn.claim(
    "batch_norm.scale",
    "Scaling the input by a > 0 and eps by a^2 leaves the output [as it was].",
    lambda: sn.equal(bn(a * x, eps=a**2 * eps), bn(x)),
    given=[a > 0],
    source="Ioffe & Szegedy 2015, section 3.3",
    kind="invariance",
)
sn.claim(
    "batch_norm.scale_with_fixed_eps",
    "The same without scaling eps.",
    lambda: sn.equal(bn(a * x), bn(x)),
    given=[a > 0],
    source="Ioffe & Szegedy 2015, section 3.3",
    kind="invariance",
    expected="refuted",
    note="eps has to be scaled too.",
)


def along_the_weights() -> sn.Tensor:
    """<W, dL/dW> through batch norm."""
    return sn.dot(W, sn.gradient(L, bn(sn.dot(A, W, over=K)), W), over=K)


sn.claim(
    "batch_norm.orthogonal",
    "At eps = 0 the gradient is orthogonal to the weights.",
    lambda: sn.equal(along_the_weights(), 0),
    given=[sn.equal(eps, 0)],
    source="computed",
    kind="orthogonality",
)
sn.claim(
    "batch_norm.orthogonal_with_eps",
    "So it is for every eps.",
    lambda: sn.equal(along_the_weights(), 0),
    source="computed",
    kind="orthogonality",
    expected="refuted",
)
sn.claim(
    "batch_norm.one_gradient_for_two_signs",
    "Flipping the sign of the input flips the sign of the gradient only.",
    lambda: sn.equal(sn.gradient(L, bn(-x), x), -sn.gradient(L, bn(x), x)),
    source="computed",
    expected="refuted",
)
sn.claim(
    "batch_norm.one_sample",
    "A batch of one comes out as beta.",
    lambda: sn.equal(bn(x), beta),
    given=[sn.equal(N, 1)],
    source="computed",
)
sn.claim(
    "batch_norm.one_sample_wrong",
    "A batch of one comes out as gamma.",
    lambda: sn.equal(bn(x), gamma),
    given=[sn.equal(N, 1)],
    source="computed",
    expected="refuted",
)
sn.claim(
    "weight_norm.length_is_g",
    "The weights have the length g.",
    lambda: sn.equal(sn.norm(wn(), over=K), wn.inputs["g"]),
    source="computed",
    expected="refuted",
)
sn.claim(
    "weight_norm.faster",
    "It trains faster.",
    source="Salimans & Kingma 2016, abstract",
    expected="empirical",
    kind="empirical",
    note="A statement about experiments.",
)
sn.claim(
    "copies.product",
    "Two samples multiply like one.",
    lambda: sn.equal(x * x.rename({N: M}), x**2),
    source="computed",
    expected="refuted",
)
sn.claim(
    "copies.delta",
    "Kronecker's delta doubles.",
    lambda: sn.equal(sn.total(sn.delta(N, M) * x.rename({N: M}), over=M), 2 * x),
    source="computed",
    expected="refuted",
)
sn.claim(
    "copies.curvature",
    "Every Hessian is the identity.",
    lambda: sn.equal(sn.total(L.curvature(x, (M, D)) * x.rename({N: M, C: D}), over=(M, D)), x),
    source="computed",
    expected="refuted",
)
sn.claim(
    "means.squares",
    "The mean of squares is at most the square of the mean.",
    lambda: sn.mean(x, over=N) ** 2 >= sn.mean(x**2, over=N),
    source="computed",
    kind="inequality",
    expected="refuted",
)
sn.claim(
    "cubes.fermat",
    "No cube of a positive integer is the sum of two: true, and beyond a normal form.",
    lambda: sn.unequal(p**3 + q**3, r**3),
    source="Euler 1770",
    expected="undecided",
)
