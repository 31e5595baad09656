"""Where the catalogue of claims lies on this machine.

Comes in: nothing but the place of this file. Goes out: the directory with the catalogue's `*.py`.
Called by whatever loads claims by name.
"""

from __future__ import annotations

from pathlib import Path

from symnorm.errors import SymnormError


def proofs_directory() -> Path:
    """Return the directory that holds the catalogue: the checkout's `proofs/`, or the copy inside the wheel.

    A checkout (an editable install reads one) has `pyproject.toml` and `proofs/` beside the package; an installed wheel
    has neither, and carries the same files as `symnorm/_proofs/`.

    Raises
    ------
    SymnormError
        If neither is there, which means that the installation is damaged.

    Examples
    --------
    >>> proofs_directory().is_dir()
    True
    """
    package = Path(__file__).resolve().parent.parent
    checkout = package.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "proofs").is_dir():
        return checkout / "proofs"
    shipped = package / "_proofs"
    if shipped.is_dir():
        return shipped
    raise SymnormError(
        f"the catalogue of claims is missing: neither {checkout / 'proofs'} nor {shipped} is a directory; "
        "install symnorm again with: python -m pip install --force-reinstall symnorm"
    )
