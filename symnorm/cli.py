"""The command line: ``symnorm list | show | compare | derive | prove | verify | replay | invariances | kernel | check |
report | picture | diagnose | golden | doctor | completion``.

Each command reads its arguments, calls one stage and shows what came out; it returns an exit code. Errors that a user
can cause are one sentence on standard error. What only some commands need is imported where it is used, so that
``symnorm --help`` costs hardly more than importing SymPy.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import click

from symnorm import __version__
from symnorm.errors import SymnormError
from symnorm.report import output
from symnorm.report.outcomes import BAD_INPUT, DISAGREES, FINE, OPEN, TOOL_MISSING, truth, worst

INTERRUPTED = 130  # as shells have it; click's own 1 would say that something is refuted
TOOLS = ("numpy", "autograd", "rich")

EXIT_CODES = """Exit codes: 0 proved or as expected, 1 refuted or disagreeing, 2 bad input, 3 undecided,
4 a needed tool is missing."""


class _BadInput(click.ClickException):
    """An error as one line on standard error, with the place in the text below it where there is one."""

    exit_code = BAD_INPUT

    def __init__(self, message: str | SymnormError) -> None:
        excerpt = getattr(message, "excerpt", "")
        sentence = " ".join(str(message).removesuffix(excerpt).split())
        super().__init__(f"{sentence}\n{excerpt}" if excerpt else sentence)


class _ToolMissing(_BadInput):
    """The same with another exit code."""

    exit_code = TOOL_MISSING


class _Commands(click.Group):
    """Commands that return their exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            code = super().invoke(ctx)
        except SymnormError as error:
            raise _BadInput(error) from error
        except ModuleNotFoundError as error:
            tool = (error.name or "").partition(".")[0]
            if tool not in TOOLS:
                raise
            raise _ToolMissing(f"this needs {tool}; install it with: python -m pip install {tool}") from error
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        ctx.exit(code or FINE)


def _with_json(command: Callable[..., Any]) -> Callable[..., Any]:
    text = "Write the result as JSON to FILE; - is standard output, on which then nothing else is printed."
    return click.option("--json", "json_file", metavar="FILE", help=text)(command)


def _with_convention(command: Callable[..., Any]) -> Callable[..., Any]:
    text = "paper, torch, onnx, keras, ...: whose definition is meant; NAME@CONVENTION says the same."
    return click.option("--convention", default="", metavar="CONVENTION", help=text)(command)


def _deliver(found: Callable[[], Mapping[str, Any]], json_file: str | None, show: Callable[[], None]) -> None:
    """Show the result unless standard output is for JSON, and write the JSON where it is wanted."""
    if json_file != output.STANDARD_OUTPUT:
        show()
    if json_file is not None:
        from symnorm.report.data import as_json

        output.deliver(as_json(found()), json_file)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=EXIT_CODES)
@click.version_option(__version__, prog_name="symnorm")
def commands() -> None:
    """The normalizers of deep learning: derived, proved or refuted, and generated as checked NumPy kernels.

    \b
    Examples:
      symnorm verify
      symnorm derive batch_norm x
      symnorm kernel layer_norm -o layer_norm_kernel.py
    """


@commands.command("list")
@_with_json
def list_(json_file: str | None) -> int:
    """List the normalizers with their titles, sources and conventions.

    \b
    Example:
      symnorm list
    """
    from symnorm.normalizers import REGISTRY, load_installed
    from symnorm.report import data, sheet

    load_installed()
    rows = [(one.name, one.title, one.source, " ".join(one.conventions)) for one in REGISTRY.values()]
    _deliver(lambda: data.listed(REGISTRY.values()), json_file, lambda: output.say("\n".join(sheet.aligned(rows))))
    return FINE


@commands.command()
@click.argument("name")
@_with_convention
@click.option("--latex", is_flag=True, help="The equations and gradients as LaTeX.")
@_with_json
def show(name: str, convention: str, latex: bool, json_file: str | None) -> int:
    """Show the normalizer NAME: inputs, equations, gradients in closed form, and what is claimed of it.

    NAME is one of the zoo, or a file of the text language (my_norm.norm, or my_norm.norm:name of several).

    \b
    Examples:
      symnorm show batch_norm
      symnorm show batch_norm.inference
      symnorm show batch_norm --convention onnx
      symnorm show weight_norm --latex
    """
    from symnorm.claims import as_mapping, catalogue
    from symnorm.facade import chosen
    from symnorm.language import lookup
    from symnorm.report import data, sheet
    from symnorm.report import latex as in_latex

    one = chosen(name, convention=convention)
    of_it = one.name.partition("@")[0].partition(".")[0]
    known = lookup.document(name).claims if lookup.names_file(name) else catalogue.catalogue()
    claims = [as_mapping(claim) for claim in known.values() if claim.normalizer == of_it]
    text = in_latex.sheet(one) if latex else sheet.sheet(one, claims)
    _deliver(lambda: data.normalizer(one, claims), json_file, lambda: output.say(text))
    return FINE


@commands.command()
@click.argument("left")
@click.argument("right", required=False)
@click.option("--given", multiple=True, metavar="TEXT", help="An assumption, such as 'eps == 0'; can be repeated.")
@_with_json
def compare(left: str, right: str | None, given: tuple[str, ...], json_file: str | None) -> int:
    """Compare two definitions quantity by quantity: equal, or by which factor or difference not.

    A definition is NORMALIZER, NORMALIZER.MODE or NORMALIZER@CONVENTION. With one alone, each of its conventions is
    compared with it. Exits with 0 if all is equal, with 1 if something differs, otherwise with 3.

    \b
    Examples:
      symnorm compare layer_norm layer_norm@annotated --given 'eps == 0'
      symnorm compare layer_norm rms_norm
      symnorm compare batch_norm@torch batch_norm@onnx
      symnorm compare unit_length
    """
    from symnorm.facade import chosen
    from symnorm.facade import compare as compared
    from symnorm.report import data

    one = chosen(left)
    others = [chosen(right)] if right else [one.convention(name) for name in one.conventions]
    if not others:
        raise click.UsageError(f"{one.name} has no convention but the paper's; name what it is to be compared with")
    found = [compared(one, other, *given) for other in others]
    _deliver(lambda: data.comparisons(found), json_file, lambda: output.say("\n\n".join(map(repr, found))))
    return worst(each.status for each in found)


@commands.command()
@click.argument("name")
@click.argument("input_name", metavar="[INPUT]", required=False)
@click.option("--second-order", is_flag=True, help="The gradients of the backward pass instead: the double backward.")
@_with_convention
@click.option("--latex", is_flag=True, help="The same as LaTeX.")
@_with_json
def derive(
    name: str, input_name: str | None, second_order: bool, convention: str, latex: bool, json_file: str | None
) -> int:
    """Derive the gradients of the normalizer NAME, or the one by INPUT: equations, steps, closed form.

    \b
    Examples:
      symnorm derive batch_norm x
      symnorm derive weight_norm --latex
      symnorm derive layer_norm x --convention annotated
      symnorm derive batch_norm x --second-order
      symnorm derive my_norm.norm
    """
    from symnorm.closed_form import backward_pass
    from symnorm.facade import chosen
    from symnorm.report import data, sheet
    from symnorm.report import latex as in_latex

    one = chosen(name, convention=convention)
    one = backward_pass(one) if second_order else one
    wanted = sheet.wanted_gradients(one, input_name)
    text = in_latex.derivation(one, wanted) if latex else sheet.derivation(one, wanted)
    _deliver(lambda: data.derivation(one, wanted), json_file, lambda: output.say(text))
    return FINE


@commands.command()
@click.argument("claim")
@click.option("--given", multiple=True, metavar="TEXT", help="An assumption, such as 'a > 0'; may be given again.")
@click.option("--by", metavar="TEXT", help="For left >= right: what left - right equals, visibly >= 0.")
@click.option("--steps", is_flag=True, help="Show what both sides become.")
@click.option("--certificate", metavar="FILE", help="Write the verdict's certificate to FILE (-: standard output).")
@click.option("--latex", is_flag=True, help="The statement and the verdict as LaTeX.")
@click.option("--timeout", type=click.FloatRange(min=0.1), default=60.0, show_default=True, help="Seconds.")
@click.option("--memory", type=click.IntRange(min=64), default=4096, show_default=True, help="Mebibytes.")
@_with_json
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

        _deliver(lambda: {"claims": data.claims(outcomes, steps=steps)}, json_file, show)
        return truth(outcomes)

    return _limited(work, timeout, memory, lambda reason: shown(typed.given_up(chosen, reason)))


def _limited(work: Callable[[], int], seconds: float, memory: int, given_up: Callable[[str], int]) -> int:
    """Work within limits, and what is shown when it does not end within them."""
    from symnorm.report import limits

    def told() -> int:
        try:
            return work()
        except SymnormError as error:
            _BadInput(error).show()
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
@_with_json
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
    _deliver(lambda: data.run(found), json_file, lambda: terminal.show_run(found))
    return found.exit_code


@commands.command()
@click.argument("paths", metavar="CERTIFICATE|DIRECTORY...", nargs=-1, required=True)
@_with_json
def replay(paths: tuple[str, ...], json_file: str | None) -> int:
    """Check certificates again: proofs step by step, refutations at their point.

    The checker shares nothing with the prover and believes nothing in a certificate; it also runs without symnorm,
    as "python symnorm/replay CERTIFICATE...". Exits with 0 if every certificate is accepted, with 1 if one is
    rejected, otherwise with 3: then there is one that the checker does not cover.

    \b
    Examples:
      symnorm replay certificates
      symnorm replay certificates/batch_norm.backward_x.json --json -
    """
    from symnorm.report import replays, sheet
    from symnorm.report.outcomes import ACCEPTED, CONTRADICTED, REJECTED

    found = {path: replays.checked(data) for path, data in replays.read(paths).items()}
    accepted = sum(one.status == ACCEPTED for one in found.values())
    others = [(one.status, path, one.reason) for path, one in found.items() if one.status != ACCEPTED]
    lines = [*(sheet.aligned(others) if others else []), f"{accepted} of {len(found)} certificates accepted"]
    rows = [{"path": path, "status": one.status, "reason": one.reason} for path, one in found.items()]
    _deliver(lambda: {"certificates": rows}, json_file, lambda: output.say("\n".join(lines)))
    if any(one.status in (REJECTED, CONTRADICTED) for one in found.values()):
        return DISAGREES
    return FINE if accepted == len(found) else OPEN


@commands.command()
@click.argument("names", metavar="[NORMALIZER|CLAIM|FILE]...", nargs=-1)
@click.option("--coq", "directory", metavar="DIR", required=True, help="The directory of the Coq files.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that share the work.")
@_with_json
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
    _deliver(lambda: data, json_file, lambda: output.say("\n".join(lines)))
    return OPEN if others else FINE


@commands.command()
@click.argument("names", metavar="[NORMALIZER|CLAIM|FILE]...", nargs=-1)
@click.option("--gradients", is_flag=True, help="The closed-form gradients of normalizers in place of claims.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that share the work.")
@click.option("--record", "record_file", metavar="FILE", help="Keep in FILE what was rechecked, by its statement.")
@_with_json
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
        raise _ToolMissing(error) from error
    if record_file is not None:
        rechecking.record(found, Path(record_file))
    found = [one for one in found if one.claim.expected == "proved"]
    others = [(one.status, one.claim.name, one.reason) for one in found if one.status != rechecking.RECHECKED]
    failed = sum(one.status == rechecking.FAILED for one in found)
    passed = len(found) - len(others)
    count = f"{passed} of {len(found)} proved claims rechecked by Coq, {failed} failed"
    lines = [*(sheet.aligned(others) if others else []), count]
    _deliver(lambda: rechecking.as_data(found), json_file, lambda: output.say("\n".join(lines)))
    return rechecking.exit_code(found)


@commands.command()
@click.argument("name")
@_with_json
def invariances(name: str, json_file: str | None) -> int:
    """Decide what the normalizer NAME is blind to: re-scaling, re-centring, permutation of input, weights and data.

    Each answer is invariant, equivariant with its factor, or not invariant with a point that shows it; computed, for
    all sizes. NAME is one of the zoo or a .norm file. Exits with 3 if one of them is undecided.

    \b
    Examples:
      symnorm invariances layer_norm
      symnorm invariances my_norm.norm --json -
    """
    from symnorm.claims import invariances as stage
    from symnorm.language import lookup
    from symnorm.report import data, terminal

    one = lookup.normalizer(name)
    with terminal.progress(len(stage.transformations(one))) as tell:
        found = stage.answers(one, tell)
    _deliver(lambda: data.invariances(one, found), json_file, lambda: terminal.show_invariances(one, found))
    return OPEN if any(answer.status == stage.OPEN for answer in found) else FINE


@commands.command()
@click.argument("name")
@click.option("-o", "--output", "target", metavar="FILE", help="Where to write it, if not to standard output (-).")
@click.option("--mode", default="training", show_default=True, help="training, inference, or another mode of it.")
@click.option("--second-order", is_flag=True, help="The backward pass and the double backward pass.")
@click.option("--style", default="reference", show_default=True, help="reference, to be read, or fast.")
@_with_convention
@_with_json
def kernel(
    name: str, target: str | None, mode: str, convention: str, second_order: bool, style: str, json_file: str | None
) -> int:
    """Generate the NumPy kernel of the normalizer NAME, a module with forward and backward.

    \b
    Examples:
      symnorm kernel batch_norm -o batch_norm_kernel.py
      symnorm kernel batch_norm --mode inference
      symnorm kernel batch_norm --convention torch -o batch_norm_torch.py
      symnorm kernel layer_norm --style fast -o fast_layer_norm.py
    """
    from symnorm.facade import kernel as generate
    from symnorm.report import data

    if target == json_file == output.STANDARD_OUTPUT:
        raise click.UsageError("standard output cannot take both the kernel and the JSON; write one of them to a file")
    found = generate(name, mode, convention, second_order, style=style)
    text = found.source.removesuffix("\n")
    if target not in (None, output.STANDARD_OUTPUT):
        output.deliver(text, target)
        text = f"{found.name}: {len(found.source.splitlines())} lines in {target}"
    _deliver(lambda: data.kernel_source(found), json_file, lambda: output.say(text))
    return FINE


@commands.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--bugs", is_flag=True, help="Plant the usual bugs in the kernels, and show which inputs catch each.")
@_with_json
def check(names: tuple[str, ...], bugs: bool, json_file: str | None) -> int:
    """Compare kernels with autograd and with their definitions, in float64 on every family of stress inputs.

    A name stands for a normalizer in all its modes, or for one mode of it. With --bugs the check checks itself: it
    fails if a planted bug passes.

    \b
    Examples:
      symnorm check
      symnorm check batch_norm.inference
      symnorm check layer_norm --bugs
    """
    from symnorm.report import data, terminal, verification

    chosen = verification.chosen_kernels(names)
    with terminal.progress(len(chosen) * (1 + bugs)) as tell:
        kernels = verification.compared(chosen, tell)
        planted = verification.planted_bugs(chosen, tell) if bugs else {}
    _deliver(lambda: data.checks(kernels, planted), json_file, lambda: terminal.show_checks(kernels, planted))
    caught = all(any(row.values()) for matrix in planted.values() for row in matrix.values())
    return FINE if caught and all(one.ok for one in kernels) else DISAGREES


@commands.command()
@click.argument("names", metavar="[NORMALIZER|CLAIM|FILE]...", nargs=-1)
@click.option("-o", "--output", "target", metavar="DIR", required=True, help="The directory of the site.")
@click.option("--measure", is_flag=True, help="Also measure the kernels: errors and times on this machine.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes that share the work; one a core if not given.")
@_with_json
def report(names: tuple[str, ...], target: str, measure: bool, jobs: int | None, json_file: str | None) -> int:
    """Write a site about everything, or only what is named: a page for each normalizer and for each claim.

    The pages need no network and no server; open DIR/index.html. DIR appears when it is complete, in the place of an
    older site; a directory with anything else in it is left alone. Exits as verify does, the site being written.

    \b
    Examples:
      symnorm report -o site
      symnorm report -o site batch_norm layer_norm
      symnorm report -o site my_claims.norm --json -
    """
    from symnorm.report import data, parallel, terminal, verification
    from symnorm.report.site import build

    selection = verification.select(names)
    with terminal.progress(build.steps(selection)) as tell:
        made = build.build(selection, target, tell, measure, jobs or parallel.cores())
    counts = ((len(made.normalizers), "normalizer"), (len(made.run.outcomes), "claim"))
    said = " and ".join(f"{count} {what}{'s' * (count != 1)}" for count, what in counts)
    said += f" in {Path(target) / 'index.html'}"
    _deliver(lambda: data.site(made), json_file, lambda: output.say(said))
    return made.run.exit_code


@commands.command()
@click.argument("names", metavar="[NORMALIZER]...", nargs=-1)
@click.option("-o", "--output", "target", metavar="FILE", help="Where to write it, if not to standard output (-).")
@_with_json
def picture(names: tuple[str, ...], target: str | None, json_file: str | None) -> int:
    """Draw who is reduced with whom, as one SVG file: the normalizers that are named, or all.

    The elements that go into one mean, variance or norm are filled. A normalizer without such a reduction is left out.

    \b
    Examples:
      symnorm picture -o zoo.svg
      symnorm picture batch_norm layer_norm instance_norm group_norm -o four.svg
      symnorm picture my_norm.norm > my_norm.svg
    """
    from symnorm.facade import chosen
    from symnorm.normalizers import REGISTRY
    from symnorm.report import data
    from symnorm.report.site.gallery import gallery

    if target == json_file == output.STANDARD_OUTPUT:
        raise click.UsageError("standard output cannot take both the picture and the JSON; write one of them to a file")
    wanted = [chosen(name) for name in names] if names else list(REGISTRY.values())
    drawing = gallery(wanted)
    text = drawing.removesuffix("\n")
    if target not in (None, output.STANDARD_OUTPUT):
        output.deliver(text, target)
        text = f"{target}: {len(drawing)} characters of SVG"
    _deliver(lambda: data.picture(wanted, drawing), json_file, lambda: output.say(text))
    return FINE


# --- kernels of one's own ---------------------------------------------------------------------------------------------


def _with_inputs(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say on which inputs."""
    families = "A battery (bugs, accuracy, all) or a family of inputs; can be repeated."
    shape = "Sizes of the first input, such as 8,64, where not every shape will do; can be repeated."
    for option in (
        click.option("--dtype", default="float32", show_default=True, help="float16, float32 or float64."),
        click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the inputs."),
        click.option("--family", "families", multiple=True, metavar="NAME", help=families),
        click.option("--shape", "shapes", multiple=True, metavar="SIZES", help=shape),
        click.option("--axis", type=int, help="For --shape, where the layout has it."),
        click.option("--groups", type=click.IntRange(min=1), help="For --shape, where the layout has it."),
    ):
        command = option(command)
    return command


def _shapes(texts: tuple[str, ...]) -> list[tuple[int, ...]]:
    for text in texts:
        if not all(part.strip().isdecimal() and int(part) for part in text.split(",")):
            raise click.BadParameter(f"{text!r} is no list of sizes, such as 8,64", param_hint="--shape")
    return [tuple(map(int, text.split(","))) for text in texts]


def _inputs(families: tuple[str, ...], shapes: tuple[str, ...], axis: int | None, groups: int | None) -> dict[str, Any]:
    given = {"axis": axis, "groups": groups}
    named = {"families": families[0] if len(families) == 1 else families} if families else {}
    return {**named, "shapes": _shapes(shapes), "options": {key: at for key, at in given.items() if at is not None}}


@commands.command()
@click.argument("function", metavar="MODULE:FUNCTION")
@click.option("--as", "name", default="", metavar="NAME", help="What it ought to compute; all are tried without.")
@_with_convention
@click.option("--backward", metavar="FUNCTION", help="The backward function, of the same module or MODULE:FUNCTION.")
@click.option("--rename", multiple=True, metavar="MINE=NAME", help="A parameter that the definition calls NAME.")
@click.option("--fix", multiple=True, metavar="NAME=NUMBER", help="A number for an input that it does not take.")
@_with_inputs
@_with_json
def diagnose(
    function: str,
    name: str,
    convention: str,
    backward: str | None,
    rename: tuple[str, ...],
    fix: tuple[str, ...],
    dtype: str,
    seed: int,
    families: tuple[str, ...],
    shapes: tuple[str, ...],
    axis: int | None,
    groups: int | None,
    json_file: str | None,
) -> int:
    """Say what a function of yours computes: which normalizer, in whose convention, with which bug.

    MODULE is a module's name or a Python file. It is imported and the function is called: this command runs your code.
    The function gets the inputs that its parameters name (x, gamma, beta, eps, ...) as NumPy arrays and numbers. Inputs
    have two dimensions and more, features second; --shape 8,64 for a function of two, or of the last one.
    Exits with 0 if it computes what --as says, with 1 if it computes something else that is known, otherwise with 3.

    \b
    Examples:
      symnorm diagnose my_kernels.py:layer_norm --as layer_norm --convention torch --shape 8,64
      symnorm diagnose my_kernels.py:forward --backward backward --as batch_norm
      symnorm diagnose my_package.norms:rms --rename weight=gamma --shape 8,64
      symnorm diagnose my_kernels.py:plain --as layer_norm --fix gamma=1 --fix beta=0 --shape 8,64
    """
    from symnorm.testing import calling, diagnosis

    if convention and not name:
        raise click.UsageError("--convention needs --as")
    names = dict(_pairs(rename, "--rename"))
    forward = calling.named(diagnosis.function_of(function), **names)
    back = None
    if backward:
        back = diagnosis.function_of(backward if ":" in backward else f"{function.rpartition(':')[0]}:{backward}")
        back = calling.named(back, **{mine: new for mine, new in names.items() if calling.has_parameter(back, mine)})
    numbers = {key: _number(value) for key, value in _pairs(fix, "--fix")}
    inputs = _inputs(families, shapes, axis, groups)
    asked = {"convention": convention} if convention else {}
    found = diagnosis.diagnose(forward, back, name, dtype=dtype, seeds=(seed,), fixed=numbers, **inputs, **asked)
    _deliver(found.as_data, json_file, lambda: output.say(str(found)))
    return {diagnosis.EQUAL: FINE, diagnosis.DIFFERS: DISAGREES}.get(found.status, OPEN)


def _pairs(texts: tuple[str, ...], option: str) -> list[tuple[str, str]]:
    for text in texts:
        if not all(text.partition("=")):
            raise click.BadParameter(f"{text!r} is no NAME=VALUE", param_hint=option)
    return [(text.partition("=")[0], text.partition("=")[2]) for text in texts]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no number", param_hint="--fix") from None


@commands.command()
@click.argument("name")
@click.option("-o", "--output", "directory", required=True, metavar="DIR", help="Made; older ones are replaced.")
@click.option("--mode", default="training", show_default=True, help="training, inference, or another mode of it.")
@_with_convention
@_with_inputs
@_with_json
def golden(
    name: str,
    directory: str,
    mode: str,
    convention: str,
    dtype: str,
    seed: int,
    families: tuple[str, ...],
    shapes: tuple[str, ...],
    axis: int | None,
    groups: int | None,
    json_file: str | None,
) -> int:
    """Write golden vectors of the normalizer NAME: inputs, intermediates and correctly rounded outputs.

    DIR gets for each family of inputs vectors.npz (NumPy, no pickles) and a .hex file an array (one element a line, as
    $readmemh reads it), and manifest.json with formulas, shapes, seeds and the SHA-256 of each file. It is written
    whole or not at all, and the same from run to run.

    \b
    Examples:
      symnorm golden layer_norm -o golden
      symnorm golden batch_norm --convention torch --dtype float16 --seed 7 -o golden
      symnorm golden group_norm --shape 2,6,4 --groups 3 --family 'std near eps' -o golden
    """
    from symnorm.testing.golden import write_golden

    inputs = _inputs(families, shapes, axis, groups)
    found = write_golden(name, directory, mode=mode, convention=convention, dtype=dtype, seed=seed, **inputs)
    files = len(found.manifest["files"]) + 1
    text = f"{found.manifest['definition']}: {len(found.families)} families, {files} files in {directory}"
    _deliver(lambda: found.manifest, json_file, lambda: output.say(text))
    return FINE


@commands.command()
@_with_json
def doctor(json_file: str | None) -> int:
    """Say what this machine has of what symnorm needs or can use, and whether the installation works.

    Exits with 4 if something that is needed is missing or does not work.

    \b
    Example:
      symnorm doctor
    """
    from dataclasses import asdict

    from symnorm.report import sheet
    from symnorm.report.doctor import examined

    found = list(examined())
    rows = [(one.what, one.found or "missing", one.note) for one in found]
    shown = "\n".join(line.rstrip() for line in sheet.aligned(rows))
    _deliver(lambda: {"findings": [asdict(one) for one in found]}, json_file, lambda: output.say(shown))
    return FINE if all(one.fine for one in found) else TOOL_MISSING


@commands.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@_with_json
def completion(shell: str, json_file: str | None) -> int:
    """Print the program that makes SHELL complete commands and options with the tab key.

    \b
    Examples:
      symnorm completion bash >> ~/.bashrc
      symnorm completion fish > ~/.config/fish/completions/symnorm.fish
    """
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    if made is None:
        raise SymnormError(f"no completion is known for {shell}")
    script = made(commands, {}, "symnorm", "_SYMNORM_COMPLETE").source().rstrip("\n")
    _deliver(lambda: {"shell": shell, "script": script}, json_file, lambda: output.say(script))
    return FINE


def main() -> NoReturn:
    """The entry point; ends the process with the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without Greek letters gets question marks, no traceback
    commands(prog_name="symnorm")
    raise AssertionError("click ends the process")
