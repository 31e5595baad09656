"""Commands on claims: ``prove`` and ``verify``; ``replay``, ``export`` and ``recheck`` for a second opinion."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from symnorm.cli.frame import BadInput, ToolMissing, commands, deliver, with_json
from symnorm.errors import SymnormError
from symnorm.report import output
from symnorm.report.outcomes import BAD_INPUT, DISAGREES, FINE, OPEN, truth


@commands.command()
@click.argument("claim")
@click.option("--given", multiple=True, metavar="TEXT", help="An assumption, such as 'a > 0'; may be given again.")
@click.option("--by", metavar="TEXT", help="For left >= right: what left - right equals, visibly >= 0.")
@click.option("--steps", is_flag=True, help="Show what both sides become.")
@click.option("--certificate", metavar="FILE", help="Write the verdict's certificate to FILE (-: standard output).")
@click.option("--latex", is_flag=True, help="The statement and the verdict as LaTeX.")
@click.option("--timeout", type=click.FloatRange(min=0.1), default=60.0, show_default=True, help="Seconds.")
@click.option("--memory", type=click.IntRange(min=64), default=4096, show_default=True, help="Mebibytes.")
@with_json
def prove(
    claim: str,
    given: tuple[str, ...],
    by: str | None,
    steps: bool,
    certificate: str | None,
    latex: bool,
    timeout: float,
    memory: int,
    json_file: str | None,
) -> int:
    """Prove or refute CLAIM, and show all of it: the statement, the assumptions, the verdict and what it rests on.

    CLAIM is a statement in the text language, a name of the catalogue, or a file of claims (.py or .norm), of which
    every claim is shown. What needs more than --timeout or --memory is undecided. Exits with 0 only if all is proved,
    with 1 if something is refuted, otherwise with 3, whatever the catalogue expects.

    \b
    Examples:
      symnorm prove "batch_norm(a*x) == batch_norm(x)" --given "a > 0" --given "eps == 0"
      symnorm prove "dot[N](grad(batch_norm, x), x) == 0"
      symnorm prove batch_norm.weight_scale_invariance
      symnorm prove my_claims.py --json -
      symnorm prove batch_norm.backward_x --certificate backward_x.json
    """
    from symnorm.report import typed

    chosen = typed.chosen(claim, given, by)
    if certificate is not None and len(chosen.claims) != 1:
        raise click.UsageError(f"a certificate is of one claim; {claim} states {len(chosen.claims)}")
    if certificate == json_file == output.STANDARD_OUTPUT:
        raise click.UsageError("standard output cannot take both the certificate and the JSON; write one to a file")

    def work() -> int:
        from symnorm.report import replays, verification

        outcomes = verification.decided(chosen, replaying=certificate is not None)
        if certificate is not None:
            replays.deliver_one(outcomes[0], certificate)
        return shown(outcomes) if certificate != output.STANDARD_OUTPUT else truth(outcomes)

    def shown(outcomes: Any) -> int:
        from symnorm.report import data, terminal
        from symnorm.report import latex as in_latex

        def show() -> None:
            if latex:
                output.say("\n\n".join(in_latex.outcome(one.claim, one.verdict) for one in outcomes))
            else:
                terminal.show_outcomes(outcomes, steps=steps)

        deliver(lambda: {"claims": data.claims(outcomes, steps=steps)}, json_file, show)
        return truth(outcomes)

    return _limited(work, timeout, memory, lambda reason: shown(typed.given_up(chosen, reason)))


def _limited(work: Callable[[], int], seconds: float, memory: int, given_up: Callable[[str], int]) -> int:
    """Work within limits, and what is shown when it does not end within them."""
    from symnorm.report import limits

    def told() -> int:
        try:
            return work()
        except SymnormError as error:
            BadInput(error).show()
            return BAD_INPUT

    try:
        return limits.limited(told, seconds, memory)
    except limits.OutOfLimits as over:
        return given_up(str(over))


@commands.command()
@click.argument("names", metavar="[NORMALIZER|CLAIM|FILE]...", nargs=-1)
@click.option("--certificates", metavar="DIR", help="Write each verdict's certificate to DIR/CLAIM.json.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that share the work.")
@click.option("--no-cache", is_flag=True, help="Decide everything afresh, and remember nothing.")
@with_json
def verify(names: tuple[str, ...], certificates: str | None, jobs: int, no_cache: bool, json_file: str | None) -> int:
    """Decide every claim and compare every kernel with autograd, or only those that are named.

    Each proof and refutation is replayed by a checker of its own; what that does not confirm is listed.

    A normalizer stands for its claims and its kernels, a Python file for the claims in it, a .norm file for its claims
    and the kernels of its normalizers. What an earlier run found of an unchanged claim with the same engine is taken
    over if its certificate is accepted again. Exits with 0 only if every verdict is the expected one and every kernel
    agrees.

    \b
    Examples:
      symnorm verify
      symnorm verify weight_norm batch_norm.zero_bias_gradient
      symnorm verify my_claims.py --json verdicts.json
      symnorm verify --certificates certificates
      symnorm verify --jobs 2 --no-cache
    """
    from symnorm.report import data, terminal, verification

    selection = verification.select(names)
    with terminal.progress(len(selection)) as tell:
        target = Path(certificates) if certificates is not None else None
        full = json_file is not None
        found = verification.run(selection, tell, target, jobs=jobs, remember=not no_cache, full=full)
    deliver(lambda: data.run(found), json_file, lambda: terminal.show_run(found))
    return found.exit_code


@commands.command()
@click.argument("paths", metavar="CERTIFICATE|DIRECTORY...", nargs=-1, required=True)
@click.option("--jobs", type=click.IntRange(min=1), help="Processes that share the work; one a core if not given.")
@with_json
def replay(paths: tuple[str, ...], jobs: int | None, json_file: str | None) -> int:
    """Check certificates again: proofs step by step, refutations at their point.

    The checker shares nothing with the prover and believes nothing in a certificate; it also runs without symnorm,
    as "python symnorm/replay CERTIFICATE...". Exits with 0 if every certificate is accepted, with 1 if one is
    rejected, otherwise with 3: then there is one that the checker does not cover.

    \b
    Examples:
      symnorm replay certificates
      symnorm replay certificates/batch_norm.backward_x.json --json -
    """
    from symnorm.report import parallel, replays, sheet, terminal
    from symnorm.report.outcomes import ACCEPTED, CONTRADICTED, REJECTED

    read = replays.read(paths)
    with terminal.progress(len(read)) as tell:
        found = replays.all_checked(read, jobs or parallel.cores(), tell)
    accepted = sum(one.status == ACCEPTED for one in found.values())
    others = [(one.status, path, one.reason) for path, one in found.items() if one.status != ACCEPTED]
    lines = [*(sheet.aligned(others) if others else []), f"{accepted} of {len(found)} certificates accepted"]
    rows = [{"path": path, "status": one.status, "reason": one.reason} for path, one in found.items()]
    deliver(lambda: {"certificates": rows}, json_file, lambda: output.say("\n".join(lines)))
    if any(one.status in (REJECTED, CONTRADICTED) for one in found.values()):
        return DISAGREES
    return FINE if accepted == len(found) else OPEN


@commands.command()
@click.argument("names", metavar="[NORMALIZER|CLAIM|FILE]...", nargs=-1)
@click.option("--coq", "directory", metavar="DIR", required=True, help="The directory of the Coq files.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that share the work.")
@with_json
def export(names: tuple[str, ...], directory: str, jobs: int, json_file: str | None) -> int:
    """Write proved claims as Coq developments: a support file, and a file a claim with its statement and its proof.

    Without names, the closed-form gradients are written too. Proofs are made from certificates. Exits with 3 if there
    is a proved claim that has no form in Coq.

    \b
    Examples:
      symnorm export --coq developments weight_norm
      symnorm export --coq developments
    """
    from symnorm.report import rechecking, sheet, terminal

    claims = rechecking.chosen(names, gradients=False)
    claims += [] if names else rechecking.chosen((), gradients=True)
    with terminal.progress(len(claims)) as tell:
        written, others = rechecking.export(claims, Path(directory), jobs, tell)
    lines = [*(sheet.aligned(others) if others else []), f"{len(written)} claims written to {directory}"]
    left = [{"name": name, "reason": reason} for name, reason in others]
    data = {"directory": directory, "written": written, "not_expressible": left}
    deliver(lambda: data, json_file, lambda: output.say("\n".join(lines)))
    return OPEN if others else FINE


@commands.command()
@click.argument("names", metavar="[NORMALIZER|CLAIM|FILE]...", nargs=-1)
@click.option("--gradients", is_flag=True, help="The closed-form gradients of normalizers in place of claims.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that share the work.")
@click.option("--record", "record_file", metavar="FILE", help="Keep in FILE what was rechecked, by its statement.")
@with_json
def recheck(names: tuple[str, ...], gradients: bool, jobs: int, record_file: str | None, json_file: str | None) -> int:
    """Have the Coq compiler check proved claims again, for all sizes.

    Each claim is rechecked, or has no form in Coq, or has failed. Exits with 1 if one has failed, with 4 if there is
    no Coq compiler, otherwise with 3 if one has no form in Coq.

    \b
    Examples:
      symnorm recheck weight_norm.norm_g_nonnegative
      symnorm recheck --jobs 2
      symnorm recheck gradient.layer_norm.x
      symnorm recheck --gradients --jobs 2
    """
    from symnorm.coq import CoqMissing
    from symnorm.report import rechecking, sheet, terminal

    claims = rechecking.chosen(names, gradients)
    try:
        with terminal.progress(2 * len(claims)) as tell:
            found = rechecking.recheck(claims, jobs, tell)
    except CoqMissing as error:
        raise ToolMissing(error) from error
    if record_file is not None:
        rechecking.record(found, Path(record_file))
    found = [one for one in found if one.claim.expected == "proved"]
    others = [(one.status, one.claim.name, one.reason) for one in found if one.status != rechecking.RECHECKED]
    failed = sum(one.status == rechecking.FAILED for one in found)
    passed = len(found) - len(others)
    count = f"{passed} of {len(found)} proved claims rechecked by Coq, {failed} failed"
    lines = [*(sheet.aligned(others) if others else []), count]
    deliver(lambda: rechecking.as_data(found), json_file, lambda: output.say("\n".join(lines)))
    return rechecking.exit_code(found)
