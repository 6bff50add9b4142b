"""Business Rules whose inputs are computed by map functions, as exports write them (component XML, section 2.19)."""

from __future__ import annotations

import pytest

from runtime.errors import BundleError
from runtime.model.journal import Status
from tests.bundle.components.exports import shape
from tests.engine.platform.calls.exported import Ran, calling, ran
from tests.engine.platform.maps.test_functions_of_maps import TABLE, looked, user
from tests.engine.platform.maps.written import between, function, json_profile, script

REASON = (
    '<parametervalue key="0" usesEncryption="false" valueType="track"><trackparameter defaultValue=""'
    ' propertyId="meta.base.businessrulesmessage" propertyName="M"/></parametervalue>'
)


def said(name: str, pattern: str, values: str = "") -> str:
    """Give a Message."""
    text = f'<message combined="false"><msgTxt>{pattern}</msgTxt><msgParameters>{values}</msgParameters></message>'
    return shape(name, "message", text, "end")


def rules(step: str, mapped: str, *, output: int = 2, operator: str = "=", value: str = "A") -> str:
    """Give a rule over what the function ``1`` gives, with a Message for what is accepted and for what is not."""
    computed = f'<{{}} deleted="false" id="1" name="f" outputId="{output}" xsi:type="FunctionConditionInput"/>'
    condition = (
        f'<condition operator="and" xsi:type="GroupingCondition"><nestedExpression operator="{operator}"'
        f' xsi:type="SimpleCondition">{computed.format("leftInput")}<rightInput deleted="false" id="0" name="v"'
        f' value="{value}" xsi:type="StaticConditionInput"/></nestedExpression></condition>'
    )
    message = f'<errorMessage content="was {{1}}"><input index="1">{computed.format("input")}</input></errorMessage>'
    held = f'<input alias="f" id="1" xsi:type="BusinessRuleFunction">{mapped}{step}</input>'
    step = (
        '<businessrules profileId="json" profileName="j" profileType="profile.json">'
        f'<rule key="1" name="R">{held}{condition}{message}</rule></businessrules>'
    )
    return shape("rules", "businessrules", step, "Accepted>good", "Rejected>bad")


def into(element: int, port: int = 1) -> str:
    """Give what fills an input of the function."""
    return f'<inputMapping fromElementKey="{element}" fromName="n" fromTaglist="0" toFunctionInputKey="{port}"/>'


async def judged(made: str, *contents: str, more: tuple[bytes, ...] = ()) -> Ran:
    """Run rules over documents; what is accepted says so, what is rejected gives its reasons."""
    process = calling(made, said("good", "good"), said("bad", "{1}", REASON), first="rules")
    return await ran(process, json_profile(), *more, start=[one.encode() for one in contents])


def reasons(found: Ran) -> list[list[str]]:
    """Give the reasons of each document that was returned; none for one that was accepted."""
    return [
        [line.split(">", 1)[1].rsplit("<", 1)[0] for line in text.splitlines() if "rule=" in line]
        for text in found.texts
    ]


async def test_a_function_computes_what_is_compared() -> None:
    """19: of the document's own elements; the message says what it gave."""
    made = rules(function(1, "String2Upper"), into(3))
    found = await judged(made, '{"id":"a"}', '{"id":"b"}', "{}")
    assert (found.message, reasons(found)) == (None, [[], ["was B"], ["was "]])


async def test_each_instance_is_computed_by_itself() -> None:
    """19: with the elements that stand in the same occurrence."""
    step = function(1, "MathMultiply", (1, 2), (3,))
    made = rules(step, into(10, 1) + into(11, 2), output=3, operator="&lt;", value="10")
    found = await judged(made, '{"lines":[{"k":"2","v":"4"},{"k":"3","v":"4"},{"k":"5","v":"2"}]}')
    assert reasons(found) == [["was 12", "was 10"]]


async def test_functions_of_users_tables_and_scripts_compute() -> None:
    """90, 92, 93: whatever a map may call for one value."""
    links = between(0, 1, 1, 1) + between(1, 2, 2, 1) + between(2, 2, 0, 1)
    chain = user(function(1, "WhitespaceTrim") + function(2, "String2Upper"), links)
    made = rules(function(1, "userdefined", (1,), (1,), more='id="udf"'), into(3), output=1)
    assert reasons(await judged(made, '{"id":" a "}', '{"id":"b"}', more=(chain,))) == [[], ["was B"]]
    made = rules(looked(), into(10, 1) + into(11, 2), output=3, value="first")
    found = await judged(made, '{"lines":[{"k":"a","v":"x"},{"k":"a","v":"y"}]}', more=(TABLE,))
    assert reasons(found) == [["was second"]]
    scripted = function(1, "Scripting", configuration=script("p2 = p1 + p1"))
    assert reasons(await judged(rules(scripted, into(3), value="aa"), '{"id":"a"}', '{"id":"b"}')) == [[], ["was bb"]]


async def test_a_default_stands_in_for_an_input_that_is_missing() -> None:
    """Component XML, 5.1: as in a map."""
    made = rules(function(1, "String2Upper", defaults=("a",)), into(3))
    assert reasons(await judged(made, "{}", '{"id":"c"}')) == [[], ["was C"]]


async def test_numbers_are_taken_for_each_instance() -> None:
    """91: a Sequential Value goes on from one to the next, and is fetched for a rule as for a map."""
    counter = function(
        1, "SequentialValue", configuration='<SequentialValue batchSize="1" keyfixtolength="0" keyname="n"/>'
    )
    found = await judged(
        rules(counter, into(10), value="0"), '{"lines":[{"k":"a"},{"k":"b"}]}', '{"lines":[{"k":"c"}]}'
    )
    assert reasons(found) == [["was 1", "was 2"], ["was 3"]]


async def test_what_cannot_be_computed_fails_its_document() -> None:
    """18: it goes down neither path; its neighbours do."""
    made = rules(function(1, "MathDivide", (1, 2), (3,), defaults=("8", "")), into(3, 2), output=3, value="4")
    found = await judged(made, '{"id":"2"}', '{"id":"0"}', '{"id":"4"}')
    assert found.status is Status.ERROR
    assert "[Function: F1]: java.lang.ArithmeticException: Division by zero" in (found.message or "")
    assert reasons(found) == [[], ["was 2"]]


async def test_a_function_that_sets_a_property_sets_it_for_documents_that_are_judged() -> None:
    """81: and not for one that fails."""
    made = rules(function(1, "PropertySet", (1, 2), (2,), defaults=("P",)), into(3, 2), value="")
    found = await judged(made, '{"id":"x"}')
    assert found.properties["P"] == "x"


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (function(1, "Sum2", (1, 2), (2,)), "counts the rows of a map"),
        (function(1, "NoSuchFunction"), "NoSuchFunction"),
        (function(1, "String2Upper", (1,), (9,)), "none with that id"),
    ],
)
async def test_what_no_rule_can_compute_is_refused(step: str, reason: str) -> None:
    """At deployment, with the rule."""
    with pytest.raises(BundleError, match=reason):
        await judged(rules(step, into(3)), "{}")
