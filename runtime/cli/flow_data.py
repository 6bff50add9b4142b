"""`nuclide flow load|save|delete`: objects of a service, as a running flow handles them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

import click

from runtime.cli.flow_options import PAIR, base_option, service_argument
from runtime.cli.options import json_option
from runtime.cli.show import print_json, print_table
from runtime.testkit.player.data import CRITERIA, Filter, Objects, Order, Service, Where, rows_of
from runtime.testkit.player.data import delete as delete_object
from runtime.testkit.player.data import load as load_objects
from runtime.testkit.player.data import save as save_objects
from runtime.testkit.player.description import fetch
from runtime.testkit.player.failures import Misused
from runtime.testkit.player.values import from_text, read_json, unchecked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runtime.testkit.player.description import Type

Pairs = tuple[tuple[str, str], ...]


def asks_a_service(verb: Callable[..., None]) -> Callable[..., None]:
    """Give a verb the address of a service, and who asks with which configuration."""
    config = click.option(
        "--config", "configuration", type=PAIR, multiple=True, help="A configuration value of the connector."
    )
    user = click.option("--user", metavar="NAME", help="Who runs the flow; nobody has signed in without.")
    return base_option(service_argument(config(user(verb))))


def service_at(url: str, configuration: Pairs, user: str | None) -> Service:
    """Ask a service for its description, so that it can be asked for more."""
    values = unchecked(configuration)
    description, _ = fetch(url, values)
    return Service(url=url, description=description, user=user, configuration=values)


@click.command()
@asks_a_service
@click.argument("name", metavar="TYPE")
@click.option("--id", "identity", metavar="ID", help="The one object of this id; everything else is then left out.")
@click.option(
    "--where",
    "conditions",
    type=(str, click.Choice(CRITERIA, case_sensitive=False), str),
    metavar="COLUMN CRITERIA VALUE",
    multiple=True,
    help=f"A condition; CRITERIA is one of {', '.join(CRITERIA)}.",
)
@click.option("--any", "either", is_flag=True, help="One condition is enough.")
@click.option("--order", "orders", metavar="COLUMN[:desc]", multiple=True, help="A column to sort by.")
@click.option("--limit", type=click.IntRange(0), default=0, help="How many at most; 0 for all.")
@click.option("--offset", type=click.IntRange(0), default=0, help="How many to pass over.")
@click.option("--search", metavar="TEXT", help="Text to look for.")
@json_option
def load(
    url: str,
    name: str,
    *,
    configuration: Pairs,
    user: str | None,
    identity: str | None,
    conditions: Sequence[tuple[str, str, str]],
    orders: Sequence[str],
    limit: int,
    offset: int,
    search: str | None,
    either: bool,
    as_json: bool,
) -> None:
    """Load objects of a TYPE of a service."""
    wanted = Filter(
        id=identity,
        where=[
            Where(column_name=column, criteria_type=criteria.upper(), content_value=value, value=value)
            for column, criteria, value in conditions
        ]
        or None,
        comparison_type="OR" if either else "AND",
        order_by=[_order(text) for text in orders] or None,
        limit=limit,
        offset=offset,
        search=search,
    )
    show(load_objects(service_at(url, configuration, user), name, wanted), as_json=as_json)


@click.command()
@asks_a_service
@click.argument("name", metavar="TYPE")
@click.option("--id", "identity", metavar="ID", help="The object to change; without it one is made.")
@click.option("--set", "pairs", type=PAIR, multiple=True, help="A property; objects and lists are JSON.")
@click.option("--file", type=click.File("rb"), help="A JSON object, or a list of them; - reads it from stdin.")
@json_option
def save(
    url: str,
    name: str,
    *,
    configuration: Pairs,
    user: str | None,
    identity: str | None,
    pairs: Pairs,
    file: BinaryIO | None,
    as_json: bool,
) -> None:
    """Save objects of a TYPE of a service, and show them as the service has kept them."""
    service = service_at(url, configuration, user)
    rows = _rows(file) if file is not None else [{}]
    given = _given(service.type_named(name), pairs)
    saved = save_objects(service, name, [{**row, **given} for row in rows], identity)
    show(saved, as_json=as_json)


@click.command()
@asks_a_service
@click.argument("name", metavar="TYPE")
@click.argument("identity", metavar="ID")
def delete(url: str, name: str, identity: str, configuration: Pairs, user: str | None) -> None:
    """Delete the object of TYPE that has this ID."""
    delete_object(service_at(url, configuration, user), name, identity)


def show(found: Objects, *, as_json: bool) -> None:
    """Print objects as a table, or as JSON with whether there are more."""
    rows = rows_of(found)
    if as_json:
        print_json({"objects": rows, "hasMoreResults": found.has_more_results})
        return
    names = list(dict.fromkeys(name for row in rows for name in row))
    print_table(names, [[_cell(row.get(name)) for name in names] for row in rows])
    if found.has_more_results:
        click.echo("there are more", err=True)


def _order(text: str) -> Order:
    column, _, direction = text.partition(":")
    return Order(column_name=column, direction="DESC" if direction.lower() == "desc" else "ASC")


def _rows(file: BinaryIO) -> list[dict[str, Any]]:
    content = read_json(file.read(), "the file of objects")
    rows = content if isinstance(content, list) else [content]
    if not all(isinstance(row, dict) for row in rows):
        raise Misused("player.objects", "the file holds something else than JSON objects")
    return rows


def _given(of: Type, pairs: Pairs) -> dict[str, object]:
    known = {each.developer_name: each for each in of.properties}
    return {name: from_text(text, known[name]) if name in known else text for name, text in pairs}


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        import msgspec

        return msgspec.json.Encoder(decimal_format="number").encode(value).decode()
    return str(value)
