"""Closed forms: from a raw adjoint to the formula that a book prints, accepted only when proved equal."""

from symnorm.closed_form.forms import ClosedForm, cotangent_of, gradient, gradients
from symnorm.closed_form.pieces import written_out
from symnorm.closed_form.second_order import backward_pass, hessian_vector_product

__all__ = [
    "ClosedForm",
    "backward_pass",
    "cotangent_of",
    "gradient",
    "gradients",
    "hessian_vector_product",
    "written_out",
]
