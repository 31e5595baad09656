"""NumPy kernels: from a definition and its gradients in closed form to a module that computes them."""

from symnorm.kernels.kernel import Kernel, kernel, of_plan
from symnorm.kernels.layout import Layout
from symnorm.kernels.plan import Plan, plan

__all__ = ["Kernel", "Layout", "Plan", "kernel", "of_plan", "plan"]
