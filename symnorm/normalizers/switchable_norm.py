"""Switchable normalization: the statistics of instance, layer and batch norm, weighted by two learned softmaxes."""

from symnorm.normalizers.definition import Equations, equations, normalizer
from symnorm.tensors import Tensor, axes, exp, mean, scalar, sqrt, tensor

N, C, S = axes("N C S")


@normalizer(
    title="Switchable normalization",
    source="Luo et al. 2018 (arXiv:1806.10779), equations 3 to 5",
    layout="N C S*",
    constants=("eps",),
    defaults={"eps": 1e-5},
    inverts={"x_hat": "x"},
    reuses=("mu", "var", "w_in", "w_ln", "w_bn", "v_in", "v_ln", "v_bn"),
)
def switchable_norm(
    x: Tensor = tensor("x", N, C, S),
    lambda_in: Tensor = scalar("lambda_in"),
    lambda_ln: Tensor = scalar("lambda_ln"),
    lambda_bn: Tensor = scalar("lambda_bn"),
    kappa_in: Tensor = scalar("kappa_in"),
    kappa_ln: Tensor = scalar("kappa_ln"),
    kappa_bn: Tensor = scalar("kappa_bn"),
    gamma: Tensor = tensor("gamma", C),
    beta: Tensor = tensor("beta", C),
    eps: Tensor = scalar("eps", positive=True),
) -> Equations:
    """Weights w for the means and v for the variances; layer and batch statistics are merged from the instance ones.

    The paper merges variances as ``mean(var_in + mu_in**2) - mu_ln**2``, which is equal and cancels in floating point.
    """
    mu_in = mean(x, over=S)
    var_in = mean((x - mu_in) ** 2, over=S)
    mu_ln = mean(mu_in, over=C)
    var_ln = mean(var_in + (mu_in - mu_ln) ** 2, over=C)
    mu_bn = mean(mu_in, over=N)
    var_bn = mean(var_in + (mu_in - mu_bn) ** 2, over=N)
    sum_w = exp(lambda_in) + exp(lambda_ln) + exp(lambda_bn)
    w_in, w_ln, w_bn = exp(lambda_in) / sum_w, exp(lambda_ln) / sum_w, exp(lambda_bn) / sum_w
    sum_v = exp(kappa_in) + exp(kappa_ln) + exp(kappa_bn)
    v_in, v_ln, v_bn = exp(kappa_in) / sum_v, exp(kappa_ln) / sum_v, exp(kappa_bn) / sum_v
    mu = w_in * mu_in + w_ln * mu_ln + w_bn * mu_bn
    var = v_in * var_in + v_ln * var_ln + v_bn * var_bn
    x_hat = (x - mu) / sqrt(var + eps)
    y = gamma * x_hat + beta
    return equations(
        mu_in=mu_in,
        var_in=var_in,
        mu_ln=mu_ln,
        var_ln=var_ln,
        mu_bn=mu_bn,
        var_bn=var_bn,
        sum_w=sum_w,
        w_in=w_in,
        w_ln=w_ln,
        w_bn=w_bn,
        sum_v=sum_v,
        v_in=v_in,
        v_ln=v_ln,
        v_bn=v_bn,
        mu=mu,
        var=var,
        x_hat=x_hat,
        y=y,
    )
