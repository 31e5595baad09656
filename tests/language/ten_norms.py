"""Ten normalizers from papers, as a reader of the papers would type them; none of them is in the zoo."""

TEXTS: dict[str, str] = {
    # Yan et al. 2020 (arXiv:2001.06838), the quadratic mean that moving average batch normalization divides by
    "quadratic_batch_norm": """
normalizer quadratic_batch_norm(x[N, C], gamma[C], beta[C], eps > 0)
  chi2  = mean[N](x^2)
  x_hat = x / sqrt(chi2 + eps)
  y     = gamma * x_hat + beta
claim scale: quadratic_batch_norm(a*x, eps=a^2*eps) == quadratic_batch_norm(x) given a > 0
claim shift expected refuted: quadratic_batch_norm(x + a) == quadratic_batch_norm(x)
""",
    # Singh & Krishnan 2020 (arXiv:1911.09737), filter response normalization with its thresholded linear unit
    "filter_response_norm": """
normalizer filter_response_norm(x[N, C, S], gamma[C], beta[C], tau[C], eps > 0)
  nu2   = mean[S](x^2)
  x_hat = x / sqrt(nu2 + eps)
  z     = gamma * x_hat + beta
  y     = max(z, tau)
claim threshold: filter_response_norm(x, beta=beta+b[C], tau=tau+b[C]) == filter_response_norm(x) + b[C]
claim scale: filter_response_norm(a*x, eps=a^2*eps) == filter_response_norm(x) given a > 0
""",
    # Li et al. 2019 (arXiv:1907.04312), positional normalization
    "positional_norm": """
normalizer positional_norm(x[N, C, S], gamma[N, S], beta[N, S], eps > 0)
  μ  = mean[C](x)
  σ² = mean[C]((x - μ)^2)
  x̂  = (x - μ) / √(σ² + ε)
  y  = γ * x̂ + β
claim zero_mean: mean[C](positional_norm.x_hat) == 0
claim shift: positional_norm(x + q[N, S]) == positional_norm(x)
""",
    # Ortiz et al. 2020 (arXiv:1911.09665), local context: statistics of a window W of K channels each
    "window_norm": """
normalizer window_norm(x[N, W, K, S], gamma[W, K], beta[W, K], eps > 0)
  mu    = mean[K, S](x)
  sigma2 = mean[K, S]((x - mu)^2)
  x_hat = (x - mu) / sqrt(sigma2 + eps)
  y     = gamma * x_hat + beta
claim one_channel_a_window: mean[S](window_norm.x_hat) == 0 given K == 1
claim several expected refuted: mean[S](window_norm.x_hat) == 0
""",
    # Xu et al. 2019 (arXiv:1911.07013), adaptive normalization: y = C (1 - k x_hat) x_hat, factor held constant
    "ada_norm": """
normalizer ada_norm(x[N, D], const c > 0, const k > 0, eps > 0)
  mu    = mean[D](x)
  sigma2 = mean[D]((x - mu)^2)
  x_hat = (x - mu) / sqrt(sigma2 + eps)
  y     = stop_gradient(c * (1 - k * x_hat)) * x_hat
claim gradient_sums_to_zero: sum[D](grad(ada_norm, x)) == 0
""",
    # Nguyen & Salazar 2019 (arXiv:1910.05895), FixNorm with a learned scalar per layer, on embeddings
    "fix_norm": """
normalizer fix_norm(v[K, D], g)
  length = norm[D](v)
  y      = g * v / length
claim length: norm[D](fix_norm(v)) == abs(g)
claim wrong expected refuted: norm[D](fix_norm(v)) == g
claim orthogonal: dot[D](grad(fix_norm, v), v) == 0
""",
    # Brock, De & Smith 2021 (arXiv:2101.08692), scaled weight standardization
    "scaled_weight_standardization": """
normalizer scaled_weight_standardization(w[C, K], gamma[C])
  mu    = mean[K](w)
  sigma2 = mean[K]((w - mu)^2)
  w_hat = (w - mu) / sqrt(K * sigma2)
  y     = gamma * w_hat
claim length: norm[K](scaled_weight_standardization(w)) == abs(gamma)
claim scale: scaled_weight_standardization(a*w) == scaled_weight_standardization(w) given a > 0
claim orthogonal: dot[K](grad(scaled_weight_standardization, w), w) == 0
""",
    # Krizhevsky et al. 2012, local response normalization with one window over all channels and beta = 1/2
    "response_norm": """
normalizer response_norm(x[N, C, S], const k > 0, const alpha > 0)
  energy = sum[C](x^2)
  y      = x / sqrt(k + alpha * energy)
claim shrinks_together: response_norm(a*x, k=a^2*k) == response_norm(x) given a > 0
""",
    # Luo et al. 2019, divisive normalization (Ren et al. 2017, arXiv:1611.04520), batch version with smoothing sigma
    "divisive_norm": """
normalizer divisive_norm(x[N, C], const sigma > 0)
  z = x - mean[N](x)
  y = z / sqrt(sigma^2 + mean[N](z^2))
claim shift: divisive_norm(x + b[C]) == divisive_norm(x)
claim scale: divisive_norm(a*x, sigma=a*sigma) == divisive_norm(x) given a > 0
""",
    # Jia et al. 2014 (arXiv:1408.5093), Caffe's mean-variance normalization: eps beside the standard deviation
    "mean_variance_norm": """
normalizer mean_variance_norm(x[N, C, S], eps > 0)
  mu    = mean[S](x)
  sigma = sqrt(mean[S]((x - mu)^2))
  x_hat = (x - mu) / (sigma + eps)
  y     = x_hat
claim scale: mean_variance_norm(a*x, eps=a*eps) == mean_variance_norm(x) given a > 0
claim unit_variance expected refuted: var[S](mean_variance_norm(x)) == 1
""",
}
