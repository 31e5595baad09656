"""``python symnorm/replay CERTIFICATE.json...``: a line each; exit code 0 only if every one is accepted."""

import sys
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    if not __package__:  # the directory by itself, without symnorm
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    sys.exit(import_module(f"{__package__ or 'replay'}.checker").main(sys.argv[1:]))
