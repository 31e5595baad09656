"""The JSON of every command has the keys that docs/json.md says, no more and no fewer."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from symnorm.cli import commands
from symnorm.report.data import SCHEMA

CHECKOUT = Path(__file__).resolve().parents[2]
KERNELS = CHECKOUT / "tests" / "testing" / "my_kernels.py"
ARGUMENTS = {
    "list": "",
    "show": "weight_norm",
    "derive": "weight_norm g",
    "compare": "layer_norm rms_norm",
    "prove": "weight_norm.norm_eq_g",
    "verify": "weight_norm.norm_eq_g",
    "replay": "certificates",
    "export": "--coq developments weight_norm.norm_g_nonnegative",
    "recheck": "weight_norm.norm_g_nonnegative",
    "invariances": "scale_norm",
    "kernel": "scale_norm",
    "check": "scale_norm --bugs",
    "report": "centering -o site",
    "picture": "batch_norm",
    "diagnose": f"{KERNELS}:root_mean_square --as rms_norm --shape 5,7",
    "golden": "scale_norm -o golden --family spatial",
    "doctor": "",
    "completion": "bash",
}
ROW = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \| ((?:`\w+`(?:, )?)+) \|", re.MULTILINE)


def documented(page: str) -> dict[str, set[str]]:
    """The keys by command, as the table says."""
    rows = [[re.findall(r"`(\w+)`", cell) for cell in row] for row in ROW.findall(page)]
    return {command: set(keys) for named, keys in rows for command in named}


PAGE = documented((CHECKOUT / "docs" / "json.md").read_text(encoding="utf-8"))


def test_every_command_is_on_the_page() -> None:
    assert set(PAGE) == set(ARGUMENTS) == set(commands.commands)


COMMANDS = [pytest.param(name, marks=pytest.mark.coq) if name == "recheck" else name for name in commands.commands]


@pytest.mark.parametrize("name", COMMANDS)
def test_json_has_the_keys_that_the_page_says(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYMNORM_CACHE", str(tmp_path / "cache"))
    if name == "replay":
        CliRunner().invoke(commands, ["verify", "weight_norm.norm_eq_g", "--certificates", "certificates"])
    done = CliRunner().invoke(commands, [name, *ARGUMENTS[name].split(), "--json", "-"])
    assert done.exit_code in (0, 1), done.output
    found = json.loads(done.stdout)
    assert next(iter(found.items())) == ("schema", SCHEMA)
    assert set(found) - {"schema"} == PAGE[name]


def test_a_row_that_lacks_a_key_would_be_noticed() -> None:
    assert documented("| `kernel` | `name`, `lines` | the text |") == {"kernel": {"name", "lines"}}
