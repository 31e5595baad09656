"""Derivatives on the tensor graph: a table of rules, reverse and forward mode, and the steps of the derivation."""

from symnorm.calculus.direction import direction_gradient
from symnorm.calculus.forward import jvp
from symnorm.calculus.gaussian import gaussian_mean, normal_cdf, pi
from symnorm.calculus.reverse import Adjoints, gradient, vjp
from symnorm.calculus.rules import JVP, VJP, Rule
from symnorm.calculus.steps import Application, Step, Steps

__all__ = [
    "JVP",
    "VJP",
    "Adjoints",
    "Application",
    "Rule",
    "Step",
    "Steps",
    "direction_gradient",
    "gaussian_mean",
    "gradient",
    "jvp",
    "normal_cdf",
    "pi",
    "vjp",
]
