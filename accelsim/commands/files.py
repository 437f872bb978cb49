"""Results as files for other programs."""

import click


@click.command()
@click.argument("result")
@click.argument("format_name", metavar="FORMAT", required=False)
@click.argument("path", type=click.Path(), required=False)
def export(result, format_name, path) -> None:
    """Write RESULT (a saved one, or CHIP:MODEL) in a FORMAT to PATH; without them, list the formats."""
    from accelsim.base.errors import AccelsimError, not_one_of
    from accelsim.base.rooms import member
    from accelsim.exporters import formats
    from accelsim.studies.given import result_of

    known = formats()
    if format_name is None:
        for name, meaning in known.items():
            click.echo(f"{name:<18}{meaning}")
        return
    if format_name not in known:
        raise not_one_of("export", format_name, known)
    if path is None:
        raise AccelsimError("export", "needs a PATH to write to")
    member("accelsim.exporters", format_name).write(result_of(result), path)


COMMANDS = (export,)
