"""Options and arguments that the verbs of `nuclide flow` share."""

from __future__ import annotations

import click

from runtime.errors import NuclideError
from runtime.testkit.player.play import BASE, service_url

NAME_AND_VALUE = "NAME=VALUE"


class _Service(click.ParamType[str]):
    name = "service"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return service_url(value, BASE if ctx is None else ctx.meta.get(__name__, BASE))


class _Pair(click.ParamType[tuple[str, str]]):
    name = NAME_AND_VALUE

    def convert(
        self, value: str | tuple[str, str], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        name, equals, text = value.partition("=")
        if not name or not equals:
            self.fail(f"'{value}' is not of the form {NAME_AND_VALUE}", param, ctx)
        return name, text


class _Duration(click.ParamType[float]):
    name = "duration"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        from runtime.model.units import parse_duration

        if not isinstance(value, str):
            return float(value)
        try:
            return parse_duration(value)
        except (ValueError, NuclideError) as error:
            self.fail(str(error), param, ctx)


def _keep(ctx: click.Context, _parameter: click.Parameter, base: str) -> None:
    ctx.meta[__name__] = base  # for `_Service`: an eager option is read before the arguments


PAIR = _Pair()
DURATION = _Duration()

service_argument = click.argument("url", metavar="URL|SERVICE", type=_Service())
base_option = click.option(
    "--base-url",
    envvar="NUCLIDE_URL",
    default=BASE,
    show_default=True,
    is_eager=True,
    expose_value=False,
    callback=_keep,
    help="Where a service lives that is named without its address.",
)
