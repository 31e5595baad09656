"""The site that ``symnorm report`` writes: pages that need no network, no server and, to be read, no script.

:mod:`definitions` and :mod:`statements` say what stands on the page of a normalizer and of a claim, :mod:`picture`
draws who is averaged with whom, :mod:`typeset` sets formulas, :mod:`measured` takes times, :mod:`pages` fills the
templates, :mod:`build` puts the whole in place.
"""
