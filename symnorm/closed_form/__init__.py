"""Closed forms: from a raw adjoint to the formula that a book prints, accepted only when proved equal."""

from symnorm.closed_form.forms import ClosedForm, cotangent_of, gradient, gradients, written_out

__all__ = ["ClosedForm", "cotangent_of", "gradient", "gradients", "written_out"]
