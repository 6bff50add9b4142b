from __future__ import annotations

import re

import pytest

from runtime.model.data_process import RunScript, SplitDocuments
from runtime.model.parameters import (
    CacheKeyValue,
    CurrentDocument,
    DateDelta,
    DateValue,
    DocumentProperty,
    ProcessProperty,
    ProfileElement,
    PropertyName,
    Static,
)
from runtime.model.platform_shapes import (
    AddToCacheStep,
    DataProcessStep,
    FieldTable,
    FieldText,
    FlowControlStep,
    NotifyStep,
    PlatformAssignment,
    PlatformConnectorStep,
    PlatformDecisionStep,
    PlatformExceptionStep,
    PlatformMessageStep,
    PlatformSetPropertiesStep,
    ProcessCallStep,
    RetrieveFromCacheStep,
    ReturnPath,
    RouteStep,
)
from runtime.model.shapes import AnyShape, BranchStep, StopStep, TryCatchStep
from tests.bundle.components.exports import (
    CACHE,
    CONNECTION,
    OPERATION,
    PROFILE,
    STOP,
    TRACK,
    errors,
    process,
    read,
    shape,
    sound,
)

DDP = DocumentProperty(PropertyName("dynamicdocument", "DDP_ID"), "none")
VALUES = {
    f'valueType="track">{TRACK}': DDP,
    'valueType="static"><staticparameter staticproperty="a b"/>': Static("a b"),
    'valueType="current"><staticparameter staticproperty="left behind"/>': CurrentDocument(),
    'valueType="process"><processparameter processproperty="P" processpropertydefaultvalue="d"/>': ProcessProperty(
        "P", "d"
    ),
    'valueType="profile"><profileelement elementId="3" elementName="id" profileId="profile" profileType="x"/>': (
        ProfileElement("profile", 3)
    ),
    'valueType="date"><dateparameter dateparametertype="relative" datetimemask="yyyy"><datedelta sign="minus"'
    ' unit="days" value="2"/></dateparameter>': DateValue("relative", "yyyy", DateDelta(-2, "days")),
}


def second(*exports: bytes) -> AnyShape:
    """Read exports, and give the shape that the first one's start leads to."""
    return sound(*exports).shape("shape2")


def message(pattern: str, *values: str) -> str:
    """Give a Message with values, each from its value type on."""
    written = "".join(f'<parametervalue key="{7 - n}" {value}</parametervalue>' for n, value in enumerate(values))
    text = f"<msgTxt>{pattern}</msgTxt><msgParameters>{written}</msgParameters>"
    return shape("shape2", "message", f'<message combined="true">{text}</message>', "shape9", label="Body")


@pytest.mark.parametrize("written", VALUES)
def test_a_parameter_value_is_what_it_says(written: str) -> None:
    """Each value type becomes the struct of its kind; what the editor leaves behind in it is nothing."""
    step = second(process(message("{1}", written), STOP), PROFILE)
    assert isinstance(step, PlatformMessageStep)
    assert step.text.values == (VALUES[written],)


def test_a_shape_keeps_its_name_label_and_place_on_the_canvas() -> None:
    """People find the step again that they drew."""
    step = second(process(message("'{'{1}'}'", f'valueType="track">{TRACK}'), STOP))
    assert isinstance(step, PlatformMessageStep)
    assert (step.id, step.label, step.canvas, step.to, step.combine) == ("shape2", "Body", (96.0, 48.5), "shape9", True)
    assert step.text.parts == ("{", 0, "}")
    assert (step.place.file, step.place.line) == ("components/0.xml", 1)


def test_set_properties_joins_sources_for_any_target() -> None:
    """Targets are told by their propertyId; sources count in the order of their elements."""
    source = f'<parametervalue key="1" usesEncryption="false" valueType="track">{TRACK}</parametervalue>'
    written = "".join(
        f'<documentproperty defaultValue="" isDynamicCredential="false" isTradingPartner="false" name="shown"'
        f' persist="{persist}" propertyId="{target}" shouldEncrypt="false"><sourcevalues>{source}</sourcevalues>'
        "</documentproperty>"
        for target, persist in (("process.P", "true"), ("connector.disk-sdk.fileName", "false"), ("mime.Date", "false"))
    )
    step = second(process(shape("shape2", "documentproperties", f"<documentproperties>{written}</documentproperties>")))
    assert isinstance(step, PlatformSetPropertiesStep)
    assert step.assignments == (
        PlatformAssignment(target=PropertyName("process", "P"), sources=(DDP,), persist=True),
        PlatformAssignment(target=PropertyName("connector", "fileName", "disk-sdk"), sources=(DDP,)),
        PlatformAssignment(target=PropertyName("mime", "Date"), sources=(DDP,)),
    )


def test_shapes_that_part_documents() -> None:
    """Paths are told by their identifiers, not by their order; an unset one ends."""
    values = f'<decisionvalue valueType="track">{TRACK}</decisionvalue><decisionvalue valueType="current"/>'
    route = (
        f'<route><routeproperty valueType="track">{TRACK}</routeproperty><routevalues>'
        '<routevalue key="3" name="is A" qualifier="equals" value="A"/>'
        '<routevalue key="1" name="is B" qualifier="wildcard" value="B*"/></routevalues></route>'
    )
    read_ = sound(
        process(
            shape("shape2", "branch", '<branch numBranches="2"/>', "2>shape4", "1>shape3"),
            shape(
                "shape3",
                "catcherrors",
                '<catcherrors catchAll="true" retryCount="2"/>',
                "error>unset",
                "default>shape5",
            ),
            shape(
                "shape4", "decision", f'<decision comparison="lessthaneq" name="n">{values}</decision>', "true>shape9"
            ),
            shape("shape5", "route", route, "default>shape9", "1>shape6", "3>unset"),
            shape(
                "shape6", "flowcontrol", '<flowcontrol chunkStyle="threadOnly" chunks="0" forEachCount="5"/>', "shape9"
            ),
            STOP,
        )
    )
    branch, try_, decision = read_.shape("shape2"), read_.shape("shape3"), read_.shape("shape4")
    assert isinstance(branch, BranchStep)
    assert branch.paths == ("shape3", "shape4")
    assert isinstance(try_, TryCatchStep)
    assert (try_.attempt, try_.caught, try_.retries, try_.trigger) == ("shape5", None, 2, "all errors")
    assert isinstance(decision, PlatformDecisionStep)
    assert (decision.left, decision.operator, decision.right) == (DDP, "<=", CurrentDocument())
    assert (decision.yes, decision.no) == ("shape9", None)
    routed, flow = read_.shape("shape5"), read_.shape("shape6")
    assert isinstance(routed, RouteStep)
    assert [(case.key, case.operator, case.to) for case in routed.cases] == [
        ("3", "=", None),
        ("1", "wildcard", "shape6"),
    ]
    assert isinstance(flow, FlowControlStep)
    assert (flow.fibers, flow.batch) == (1, 5)
    assert isinstance(read_.shape("shape9"), StopStep)


def test_a_call_sends_the_operation_with_what_the_step_sets_over_it() -> None:
    """Operation fields are literals; dynamic properties replace a text, or one entry of a table."""
    dynamic = (
        f'<propertyvalue childKey="" key="path" name="Path" valueType="track">{TRACK}</propertyvalue>'
        '<propertyvalue childKey="limit" key="queryParameters" name="Q" valueType="current"/>'
    )
    call = (
        '<connectoraction actionType="POST" allowDynamicCredentials="NONE" connectionId="connection"'
        ' connectorType="officialboomi-X3979C-rest-prod" hideSettings="false" operationId="operation"><parameters/>'
        f"<dynamicProperties>{dynamic}</dynamicProperties></connectoraction>"
    )
    step = second(process(shape("shape2", "connectoraction", call, "shape9"), STOP), CONNECTION, OPERATION)
    assert isinstance(step, PlatformConnectorStep)
    assert (step.connection, step.operation, step.on_error_response) == ("Shop", "request", "continue")
    assert step.fields == {
        "method": FieldText(Static("POST")),
        "path": FieldText(DDP),
        "send_document": FieldText(Static("true")),
        "query": FieldTable((("limit", CurrentDocument()),)),
    }


def test_cache_steps_name_their_cache_index_and_keys() -> None:
    """Without a word for an empty cache the document fails."""
    key = (
        '<cacheKeyValues><cacheKeyValue cacheKeyId="1"><parametervalue key="1" valueType="current"/></cacheKeyValue>'
        "</cacheKeyValues>"
    )
    found = sound(
        process(
            shape("shape2", "branch", '<branch numBranches="2"/>', "1>shape3", "2>shape4"),
            shape("shape3", "doccacheload", '<doccacheload docCache="cache"/>'),
            shape(
                "shape4",
                "doccacheretrieve",
                f'<doccacheretrieve docCache="cache" docCacheIndex="1">{key}</doccacheretrieve>',
            ),
        ),
        CACHE,
        PROFILE,
    )
    retrieve = found.shape("shape4")
    assert isinstance(found.shape("shape3"), AddToCacheStep)
    assert isinstance(retrieve, RetrieveFromCacheStep)
    assert (retrieve.index, retrieve.keys) == (1, (CacheKeyValue(1, CurrentDocument()),))
    assert retrieve.when_empty == "fail"


def test_sub_steps_run_in_the_order_of_their_index() -> None:
    """The order of elements says nothing."""
    steps = (
        '<step index="2" key="1" name="Split" processtype="8"><documentsplit profileType="json"><SplitOptions>'
        '<JSONOptions linkElementKey="6" linkElementName="x" profileId="profile"/></SplitOptions>'
        "</documentsplit></step>"
        '<step index="1" key="2" name="Script" processtype="12"><dataprocessscript language="groovy2" useCache="true">'
        "<script>a &lt; b</script></dataprocessscript></step>"
    )
    step = second(process(shape("shape2", "dataprocess", f"<dataprocess>{steps}</dataprocess>")), PROFILE)
    assert isinstance(step, DataProcessStep)
    assert step.steps == (
        RunScript(name="Script", language="groovy2", source="a < b"),
        SplitDocuments(name="Split", format="json", profile="profile", link=6),
    )


def test_a_call_of_a_process_knows_it_by_its_name_in_the_bundle() -> None:
    """Return paths belong to the shapes of the called process."""
    call = (
        '<processcall abort="false" processId="child" wait="true"><parameters/><returnpaths>'
        '<returnpaths childShapeName="shape7" returnLabel="OK"/></returnpaths></processcall>'
    )
    step = second(
        process(shape("shape2", "processcall", call, "shape7>shape9"), STOP),
        process(STOP, identity="child", first="shape9"),
    )
    assert isinstance(step, ProcessCallStep)
    assert (step.process, step.abort) == ("Process child", False)
    assert step.returns == (ReturnPath(shape="shape7", label="OK", to="shape9"),)


def test_texts_for_the_log_and_errors() -> None:
    """A Notify without a title, a level that nobody knows, an exception that ends the process."""
    texts = "<notifyMessage>x</notifyMessage><notifyMessageLevel>LOUD</notifyMessageLevel>"
    notify = f'<notify disableEvent="true">{texts}</notify>'
    raised = '<exception stopsingledoc="false" title="T"><exMessage>y</exMessage></exception>'
    found = sound(process(shape("shape2", "notify", notify, "shape3"), shape("shape3", "exception", raised)))
    first, last = found.shape("shape2"), found.shape("shape3")
    assert isinstance(first, NotifyStep)
    assert (first.title, first.level, first.event) == (None, "severe", False)
    assert isinstance(last, PlatformExceptionStep)
    assert (last.title, last.message.parts, last.stop) == ("T", ("y",), "process")


def test_what_is_never_reached_is_told_and_left_out() -> None:
    """The platform keeps shapes that nothing leads to, whatever they are; they refuse nothing."""
    result, problems = read(process(STOP, shape("shape3", "cleanse", "<cleanse/>"), first="shape9"))
    assert [shape_.id for shape_ in result.processes["Process p"].shapes] == ["shape1", "shape9"]
    assert [(problem.severity, problem.code) for problem in problems] == [("warning", "bundle.component-differs")]
    assert "shape3" in problems[0].message


SUB_STEP = '<dataprocess><step index="1" key="1" name="{}" processtype="{}"/></dataprocess>'

REFUSED = {
    "shape": (shape("shape2", "cleanse", "<cleanse/>"), "component-refused", "how Cleanse is exported is not known"),
    "find changes": (shape("shape2", "findchanges", "<findchanges/>"), "component-refused", "Find Changes is not"),
    "program command": (shape("shape2", "programcommand", "<a/>"), "component-refused", "commands of the machine"),
    "trading partner": (shape("shape2", "tradingpartneraction", "<a/>"), "component-refused", "trading partners"),
    "agent": (
        shape(
            "shape2", "connectoraction", '<connectoraction connectorType="boomiai" operationId="o" connectionId="c"/>'
        ),
        "component-refused",
        "Agent steps are not run here",
    ),
    "PGP": (
        shape("shape2", "dataprocess", SUB_STEP.format("PGP Encrypt", 2)),
        "component-refused",
        "PGP is not done",
    ),
    "multipart": (
        shape("shape2", "dataprocess", SUB_STEP.format("Map JSON to Multipart Form Data", 20)),
        "component-refused",
        "multipart documents are not taken apart",
    ),
    "unknown shape": (shape("shape2", "dance", "<dance/>"), "component-unknown", "there is no shape 'dance'"),
    "value type": (message("{1}", 'valueType="errormessage">'), "component-refused", "errormessage"),
    "stored procedure": (
        message("{1}", 'valueType="sp"><spparameter connection="c" sqltoexecute="p"><parameters/></spparameter>'),
        "component-missing",
        "the connection 'c' is not in the bundle",
    ),
    "message format": (message("{}"), "component-wrong", "can't parse argument number"),
    "missing profile": (
        message("{1}", 'valueType="profile"><profileelement elementId="3" profileId="other"/>'),
        "component-missing",
        "the profile 'other' is not in the bundle",
    ),
    "connector": (
        shape("shape2", "connectoraction", '<connectoraction connectorType="sap" operationId="o" connectionId="c"/>'),
        "component-refused",
        "the connector 'sap' is not available here",
    ),
    "stop": (shape("shape2", "stop", "<stop/>"), "component-wrong", "'stop' has no 'continue'"),
    "branch": (shape("shape2", "branch", '<branch numBranches="2"/>', "1>shape2"), "component-wrong", "it has 2"),
    "way out": (shape("shape2", "stop", '<stop continue="true"/>', "shape8"), "component-wrong", "no shape 'shape8'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_run_is_refused_with_its_reason(name: str) -> None:
    """The message names the component, the shape and what is wrong with it."""
    written, code, reason = REFUSED[name]
    (found,) = errors(process(written, STOP))
    assert found.startswith(f"bundle.{code}: process 'Process p', shape2")
    assert reason in found


FULL = process(
    message("{1}", f'valueType="track">{TRACK}'),
    shape("shape9", "notify", "<notify title='t'><notifyMessage>x</notifyMessage></notify>", "shape10"),
    shape("shape10", "stop", '<stop continue="true"/>'),
).decode()
PLACES = [match.end() for match in re.finditer(r"<[A-Za-z][\w:]*(?= |/|>)", FULL)]


@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_passed_over(place: int) -> None:
    """An attribute that nobody knows is told, wherever it stands."""
    assert errors(FULL.encode()) == []
    found = errors((FULL[:place] + ' surprise="1"' + FULL[place:]).encode())
    assert any("'surprise'" in error for error in found)
