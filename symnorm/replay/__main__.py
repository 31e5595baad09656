"""``python symnorm/replay CERTIFICATE.json...``: a line each; exit code 0 only if every one is accepted."""

import json
import sys
from importlib import import_module
from pathlib import Path


def main(paths: list[str]) -> int:
    """A line for each certificate; 0 if all are accepted."""
    if not __package__:  # the directory by itself, without symnorm
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    replay = import_module(__package__ or "replay")
    accepted = True
    for path in paths:
        try:
            replay.replay(json.loads(Path(path).read_text(encoding="utf-8")))
            print(f"accepted  {path}")
        except (replay.Rejected, replay.NotCovered, OSError, ValueError) as error:
            accepted = False
            print(f"{'not covered' if isinstance(error, replay.NotCovered) else 'rejected'}  {path}: {error}")
    return 0 if accepted else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
