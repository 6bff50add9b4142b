"""`nuclide completion`: what a shell needs to complete the command."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

_HOW = {
    "bash": 'eval "$(nuclide completion bash)" in ~/.bashrc',
    "zsh": 'eval "$(nuclide completion zsh)" in ~/.zshrc',
    "fish": "nuclide completion fish > ~/.config/fish/completions/nuclide.fish",
}


@click.command(epilog="  ".join(f"{shell}: {how}." for shell, how in _HOW.items()))
@click.argument("shell", type=click.Choice(sorted(_HOW)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a SHELL."""
    script = get_completion_class(shell)
    if script is None:
        raise click.UsageError(f"click knows no shell '{shell}'", ctx)
    click.echo(script(ctx.find_root().command, {}, "nuclide", "_NUCLIDE_COMPLETE").source())
