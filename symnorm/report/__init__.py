"""What people see: words, terminal tables, LaTeX, HTML and JSON of verdicts, derivations, kernels and checks.

Modules are imported one by one (``from symnorm.report import words``), so that a command loads only what it shows.
"""
