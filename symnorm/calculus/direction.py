"""Losses that do not depend on the scale of their weights: the gradient of a loss of the direction ``w/||w||``.

``L(c w) = L(w)`` for every c > 0 says exactly that L is a function of the direction: ``L(w) = L(w/||w||)``. So a loss
that is known only by this invariance is an unknown loss of the direction. That its gradient scales as 1/c and is
orthogonal to w follows, and is proved, not assumed. Called by claims on the dynamics of such weights.
"""

from __future__ import annotations

from symnorm.calculus.reverse import gradient
from symnorm.tensors import Axis, Loss, Tensor, norm, substitute, tensor


def direction_gradient(loss: Loss, weights: Tensor, over: Axis) -> Tensor:
    """The gradient at ``weights`` of a loss of their direction.

    Args:
        loss: an unknown loss; what it is a function of is ``w/||w||``.
        weights: where the gradient is taken.
        over: the axis of the weights whose length does not matter.

    Example:
        >>> from symnorm.tensors import axes
        >>> (K,) = axes("K")
        >>> direction_gradient(Loss("L"), tensor("w", K), K).axes
        (K,)
    """
    w = tensor("w", *weights.axes)
    (found,) = substitute((gradient(loss, w / norm(w, over), w),), {"w": weights})
    return found
