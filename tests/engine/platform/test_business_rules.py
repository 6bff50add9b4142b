"""Business Rules (reference 1.16; platform behaviours 18, 19)."""

from __future__ import annotations

import pytest

from runtime.engine.platform.business_rules import LONGEST, holds, reasons_xml
from runtime.errors import BundleError
from runtime.model.business_rules import (
    BusinessRule,
    FieldInput,
    FieldOperand,
    FunctionInput,
    RuleCheck,
    RuleGroup,
    RuleMessage,
    RuleOperator,
    StaticOperand,
)
from runtime.model.components import Components
from runtime.model.document import Document
from runtime.model.parameters import DocumentProperty, PropertyName
from runtime.model.platform_maps import BuiltIn, MapFunction
from runtime.model.platform_profiles import JsonNode, JsonProfile, XmlNode, XmlProfile
from runtime.model.platform_shapes import BusinessRulesStep, PlatformMessageStep
from runtime.model.shapes import ReturnDocumentsStep
from tests.engine.platform.shapes import CURRENT, compiled, message, process
from tests.engine.runs import Ended, Run
from tests.engine.seen import batch, texts
from tests.engine.worlds import World

REASONS = DocumentProperty(PropertyName("meta", "base.businessrulesmessage"))


def entry(key: int, name: str, *nodes: JsonNode) -> JsonNode:
    """Give a member of an object."""
    return JsonNode(key=key, name=name, kind="entry", nodes=nodes)


ITEM = JsonNode(
    key=6,
    name="Item",
    kind="item",
    nodes=(JsonNode(key=7, name="Object", kind="object", nodes=(entry(8, "qty"), entry(9, "sku"))),),
)
LINES = entry(4, "lines", JsonNode(key=5, name="Array", kind="array", nodes=(ITEM,)))
JSON = JsonProfile(
    id="json",
    name="json",
    root=JsonNode(
        key=1, name="Root", kind="root", nodes=(JsonNode(key=2, name="O", kind="object", nodes=(entry(3, "s"), LINES)),)
    ),
)
LINE = XmlNode(key=3, name="line", kind="element", most=None, nodes=(XmlNode(key=4, name="qty", kind="element"),))
XML = XmlProfile(
    id="xml",
    name="xml",
    root=XmlNode(key=1, name="o", kind="element", nodes=(XmlNode(key=2, name="s", kind="attribute"), LINE)),
)
COMPONENTS = Components(profiles={"json": JSON, "xml": XML})


def rule(name: str, text: str, operator: RuleOperator, value: str | None, *elements: int) -> BusinessRule:
    """Give a rule over the first element; the message sees all of them by number."""
    inputs = tuple(FieldInput(id=number, element=element) for number, element in enumerate(elements, 1))
    right = None if value is None else StaticOperand(value)
    return BusinessRule(
        name=name,
        inputs=inputs,
        condition=RuleGroup(join="and", conditions=(RuleCheck(left=FieldOperand(1), operator=operator, right=right),)),
        message=RuleMessage(text=text, operands=tuple((one.id, FieldOperand(one.id)) for one in inputs)),
    )


async def run(documents: list[Document], *rules: BusinessRule, profile: str = "json") -> Ended:
    """Run rules; what is accepted is returned as it is, what is rejected as its reasons."""
    shapes = (
        BusinessRulesStep(id="rules", profile=profile, rules=rules, accepted="good", rejected="bad"),
        PlatformMessageStep(id="good", text=message("good {1}", CURRENT), to="end"),
        PlatformMessageStep(id="bad", text=message("{1} {2}", CURRENT, REASONS), to="end"),
        ReturnDocumentsStep(id="end"),
    )
    world = World()
    return await Run(compiled([process("p", "rules", *shapes)], world, COMPONENTS), world, documents).go()


async def test_18_accepted_documents_run_before_rejected_ones() -> None:
    """18: rejected documents are unchanged and carry their reasons; one that does not parse goes down neither path."""
    ended = await run(batch('{"s":"b"}', "no json", '{"s":"a"}'), rule("R", "s is {1}", "=", "a", 3))
    assert texts(ended) == [
        'good {"s":"a"}',
        (
            '{"s":"b"} <business_rule_failures>\n   <business_rule_failure rule="R">s is b</business_rule_failure>\n'
            "</business_rule_failures>\n"
        ),
    ]
    assert "not JSON" in (ended.message or "")


async def test_19_every_occurrence_is_checked_in_the_order_of_rules() -> None:
    """19: a rule runs once for each occurrence; values of the same item stand in its message."""
    rules = (rule("first", "{1}", "=", "x", 3), rule("qty", "{2}: {1}", ">", "0", 8, 9))
    document = '{"s":"x","lines":[{"qty":1,"sku":"a"},{"qty":0,"sku":"b"},{"sku":"c"}]}'
    (told,) = texts(await run(batch(document), *rules))
    assert ">b: 0<" in told
    assert ">c: null<" in told
    assert ">a: " not in told
    assert told.index("b: 0") < told.index("c: null")
    assert texts(await run(batch('{"s":"y","lines":[{"qty":0}]}'), *rules))[0].index('"first"') < 120


async def test_19_xml_occurrences_with_attributes() -> None:
    """19: elements and attributes of XML are read; blanks around values do not count (behaviour 89)."""
    rules = (rule("s", "s {1}", "=", "x", 2), rule("qty", "qty {1}", "<", "10", 4))
    accepted = '<o s=" x "><line><qty> 9 </qty></line></o>'
    assert texts(await run(batch(accepted), *rules, profile="xml")) == [f"good {accepted}"]
    (told,) = texts(await run(batch('<o s="x"><line><qty>10</qty></line><line/></o>'), *rules, profile="xml"))
    assert ">qty 10<" in told
    assert ">qty null<" not in told  # nothing compares as an empty text, which comes before '10'


@pytest.mark.parametrize(
    ("operator", "left", "right", "outcome"),
    [
        ("=", "a", "a", True),
        ("=", "1.0", "1", True),
        ("!=", "a", "A", True),
        (">", "Hello World", "10", True),  # no number: compared as texts, so it passes (fail-open)
        ("<", "9", "10", True),
        ("<", "100", "10", False),
        (">", "unknown", "0", True),
        (">=", "10", "10", True),
        ("<=", "10", "9", False),
        ("contains", "abc", "b", True),
        ("does not contain", "abc", "b", False),
        ("starts with", "abc", "ab", True),
        ("is empty", "", "", True),
        ("is not empty", "", "", False),
    ],
)
def test_19_operators(operator: RuleOperator, left: str, right: str, outcome: bool) -> None:  # noqa: FBT001
    """19: numbers compare as numbers when both sides are, else as texts."""
    assert holds(operator, left, right) is outcome


def test_18_reasons_are_left_out_whole_beyond_ten_thousand_characters() -> None:
    """18: entries that do not fit are skipped, not cut; those after them that fit are kept."""
    written = reasons_xml([("a", "x" * 6_000), ("b", "y" * 6_000), ("c", "z<")])
    assert len(written) <= LONGEST
    assert ("yyy" in written, "z&lt;" in written) == (False, True)


async def test_groups_nest_and_join() -> None:
    """A condition is a tree of all and any."""
    either = RuleGroup(
        join="or",
        conditions=tuple(RuleCheck(left=FieldOperand(1), operator="=", right=StaticOperand(one)) for one in "ab"),
    )
    both = RuleGroup(join="and", conditions=(either, RuleCheck(left=FieldOperand(2), operator="is not empty")))
    inputs = (FieldInput(id=1, element=3), FieldInput(id=2, element=4))
    one = BusinessRule(name="R", inputs=inputs, condition=both, message=RuleMessage(text="no"))
    ended = await run(batch('{"s":"b","lines":"l"}', '{"s":"c","lines":"l"}', '{"s":"a"}'), one)
    assert [text[:4] for text in texts(ended)] == ["good", '{"s"', '{"s"']


def test_what_cannot_be_checked_is_refused() -> None:
    """An input or element that is not there refuses the bundle."""
    function = FunctionInput(id=1, function=MapFunction(key=1, work=BuiltIn(function="NoSuchFunction")))
    wrong = BusinessRule(
        name="R", inputs=(function,), condition=RuleGroup(join="and", conditions=()), message=RuleMessage(text="")
    )
    for bad in (wrong, rule("R", "", "=", "a", 99), rule("R", "{", "=", "a", 3)):
        shape = BusinessRulesStep(id="rules", profile="json", rules=(bad,))
        with pytest.raises(BundleError):
            compiled([process("p", "rules", shape)], World(), COMPONENTS)
