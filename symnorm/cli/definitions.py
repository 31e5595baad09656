"""Commands on definitions: ``list``, ``show``, ``compare``, ``derive``, ``invariances``, ``picture``."""

from __future__ import annotations

import click

from symnorm.cli.frame import commands, deliver, with_convention, with_json
from symnorm.report import output
from symnorm.report.outcomes import FINE, OPEN, worst


@commands.command("list")
@with_json
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
    deliver(lambda: data.listed(REGISTRY.values()), json_file, lambda: output.say("\n".join(sheet.aligned(rows))))
    return FINE


@commands.command()
@click.argument("name")
@with_convention
@click.option("--latex", is_flag=True, help="The equations and gradients as LaTeX.")
@with_json
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
    deliver(lambda: data.normalizer(one, claims), json_file, lambda: output.say(text))
    return FINE


@commands.command()
@click.argument("left")
@click.argument("right", required=False)
@click.option("--given", multiple=True, metavar="TEXT", help="An assumption, such as 'eps == 0'; can be repeated.")
@with_json
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
    deliver(lambda: data.comparisons(found), json_file, lambda: output.say("\n\n".join(map(repr, found))))
    return worst(each.status for each in found)


@commands.command()
@click.argument("name")
@click.argument("input_name", metavar="[INPUT]", required=False)
@click.option("--second-order", is_flag=True, help="The gradients of the backward pass instead: the double backward.")
@with_convention
@click.option("--latex", is_flag=True, help="The same as LaTeX.")
@with_json
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
    deliver(lambda: data.derivation(one, wanted), json_file, lambda: output.say(text))
    return FINE


@commands.command()
@click.argument("name")
@with_json
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
    deliver(lambda: data.invariances(one, found), json_file, lambda: terminal.show_invariances(one, found))
    return OPEN if any(answer.status == stage.OPEN for answer in found) else FINE


@commands.command()
@click.argument("names", metavar="[NORMALIZER]...", nargs=-1)
@click.option("-o", "--output", "target", metavar="FILE", help="Where to write it, if not to standard output (-).")
@with_json
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
    deliver(lambda: data.picture(wanted, drawing), json_file, lambda: output.say(text))
    return FINE
