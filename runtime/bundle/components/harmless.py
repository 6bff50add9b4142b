"""What exports say that changes nothing here, each with its reason. Everything else is read, or refuses the bundle."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runtime.bundle.components.xml import Element

_DRAWN = "how the editor draws it"
_SHOWN = "a name that is only shown; the key beside it decides"
_BOOKS = "the platform's own book-keeping"
_KEPT = "what an environment may change keeps its exported value, which is told"
_MADE = "how the editor made or shows it"

# By element and attribute; '*' for any element.
ATTRIBUTES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("*", "folderId"): _BOOKS,
        ("Component", "branchId"): _BOOKS,
        ("Component", "branchName"): _BOOKS,
        ("Component", "copiedFromComponentId"): _BOOKS,
        ("Component", "copiedFromComponentVersion"): _BOOKS,
        ("Component", "createdBy"): _BOOKS,
        ("Component", "createdDate"): _BOOKS,
        ("Component", "folderName"): _BOOKS,
        ("Component", "modifiedBy"): _BOOKS,
        ("Component", "modifiedDate"): _BOOKS,
        ("process", "enableUserLog"): "a second copy of the log; the one log here can be filtered",
        (
            "process",
            "processLogOnErrorOnly",
        ): "no effect at workload general; a setting of the daemon says what is logged",
        ("shape", "image"): _DRAWN,
        ("dragpoint", "name"): "the number of the path; its identifier and order decide",
        ("dragpoint", "text"): _DRAWN,
        ("dragpoint", "x"): _DRAWN,
        ("dragpoint", "y"): _DRAWN,
        ("connectoraction", "hideSettings"): _MADE,
        ("connectoraction", "parameter-profile"): "the profile of the step's parameters; without those it is not used",
        ("parametervalue", "key"): "values count in the order of their elements",
        ("routeParameter", "key"): "values count in the order of their elements",
        ("parametervalue", "elementToSetName"): _SHOWN,
        ("parametervalue", "name"): _SHOWN,
        ("propertyvalue", "name"): _SHOWN,
        ("trackparameter", "propertyName"): _SHOWN,
        ("definedprocessparameter", "componentName"): _SHOWN,
        ("definedprocessparameter", "propertyLabel"): _SHOWN,
        ("profileelement", "elementName"): _SHOWN,
        ("profileelement", "profileType"): "the profile itself says what it is",
        ("crossrefparameter", "outputParamName"): _SHOWN,
        ("documentcacheparameter", "elementName"): _SHOWN,
        ("documentproperty", "name"): _SHOWN,
        ("decision", "name"): "a second label; the step's own is shown",
        ("businessrules", "profileName"): _SHOWN,
        ("businessrules", "profileType"): "the profile itself says what it is",
        ("input", "name"): _SHOWN,
        ("input", "deleted"): _MADE,
        ("leftInput", "deleted"): _MADE,
        ("leftInput", "name"): _SHOWN,
        ("rightInput", "deleted"): _MADE,
        ("rightInput", "name"): _SHOWN,
        ("inputMapping", "fromName"): _SHOWN,
        ("rule", "key"): "rules run in the order of their elements",
        ("step", "key"): "steps run in the order of their index",
        ("JSONOptions", "linkElementName"): _SHOWN,
        ("XMLOptions", "linkElementName"): _SHOWN,
        ("note", "title"): _DRAWN,
        ("DocumentCache", "profileType"): "the profile itself says what it is",
        ("cacheKey", "name"): _SHOWN,
        ("cacheKey", "propertyName"): _SHOWN,
        ("CrossRefTable", "modelVersion"): _BOOKS,
        ("CrossRefTable", "atomEnabled"): "whether a runtime may keep rows of its own: the bundle's files are its rows",
        ("allowedValueSet", "label"): _SHOWN,
        ("Mapping", "fromKeyPath"): _SHOWN,
        ("Mapping", "fromNamePath"): _SHOWN,
        ("Mapping", "toKeyPath"): _SHOWN,
        ("Mapping", "toNamePath"): _SHOWN,
        ("FunctionStep", "category"): "the type of a function is enough",
        ("FunctionStep", "enabled"): "the platform runs it all the same",
        ("FunctionStep", "cacheEnabled"): "an older word for the cache option",
        ("FunctionStep", "x"): _DRAWN,
        ("FunctionStep", "y"): _DRAWN,
        ("Scripting", "useCache"): "a script is compiled once in any case",
        ("Scripting", "preserveOrder"): "outputs are told apart by name",
        ("MappingScript", "useCache"): "a script is compiled once in any case",
        ("MappingScript", "preserveOrder"): "outputs are told apart by name",
        ("ProcessingScript", "useCache"): "a script is compiled once in any case",
        ("DocumentProperty", "propertyName"): _SHOWN,
        ("DefinedProcessProperty", "componentName"): _SHOWN,
        ("DefinedProcessProperty", "propertyName"): _SHOWN,
        ("Operation", "trackResponse"): "what is shown of a response: tracked fields, which a run does not read",
        ("Archiving", "directory"): "used only where archiving is on",
        (
            "GenericOperationConfig",
            "requestProfile",
        ): "the profile of parameters; the document is sent as it is",
        ("GenericOperationConfig", "requestProfileType"): "as the request profile",
        ("GenericOperationConfig", "responseProfile"): "what later steps may read; the document is passed on as it is",
        ("GenericOperationConfig", "responseProfileType"): "as the response profile",
        ("GenericOperationConfig", "operationType"): "the custom operation type says the method",
        ("field", "type"): "the field's name says its type",
        ("field", "label"): _SHOWN,
        ("*", "isMappable"): "whether a node is a container is told by what it holds",
        ("*", "isNode"): _MADE,
        ("*", "validateData"): "checks that only the Cleanse step makes",
        ("DatabaseElement", "enforceUnique"): "checks that only the Cleanse step makes",
        ("*", "description"): "a remark",
        ("*", "comments"): "a remark",
        ("JSONArray", "name"): _SHOWN,
        ("JSONArrayElement", "minOccurs"): "checks that only the Cleanse step makes",
        ("JSONObject", "name"): _SHOWN,
        ("JSONObjectEntry", "minLength"): "checks that only the Cleanse step makes",
        ("JSONObjectEntry", "maxLength"): "checks that only the Cleanse step makes",
        ("XMLProfile", "modelVersion"): _BOOKS,
        ("XMLProfile", "warningInfo"): _MADE,
        ("XMLElement", "isRoot"): _MADE,
        ("XMLElement", "minLength"): "checks that only the Cleanse step makes",
        ("XMLElement", "maxLength"): "checks that only the Cleanse step makes",
        ("XMLElement", "typeName"): _SHOWN,
        ("XMLElement", "typeNamespace"): _SHOWN,
        ("XMLElement", "typeExpanded"): _MADE,
        ("XMLAttribute", "required"): "checks that only the Cleanse step makes",
        ("XMLOptions", "implicitElementOrdering"): "elements are written in the order of the profile in any case",
        ("XMLOptions", "parseRespectMaxOccurs"): "checks that only the Cleanse step makes",
        ("FlatFileProfile", "modelVersion"): _BOOKS,
        ("FlatFileElements", "key"): _SHOWN,
        ("FlatFileElements", "name"): _SHOWN,
        ("DatabaseProfile", "version"): _BOOKS,
        ("DBFields", "key"): _SHOWN,
        ("DBFields", "name"): _SHOWN,
        ("DBParameters", "key"): _SHOWN,
        ("DBParameters", "name"): _SHOWN,
        ("DBConditions", "key"): _SHOWN,
        ("DBConditions", "name"): _SHOWN,
        ("TagExpression", "identifierName"): _SHOWN,
        ("returnpaths", "returnLabel"): _SHOWN,
    }
)

# Children by the element they stand in; '*' for any element. Their own children are harmless with them.
ELEMENTS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("Component", "GlobalVariableReferences"): _BOOKS,
        ("dragpoint", "linesegment"): _DRAWN,
        ("Overrides", "CrossReferenceOverrides"): _KEPT,
        ("Overrides", "Extensions"): _KEPT,
        ("Overrides", "Operations"): _KEPT,
        ("Overrides", "PGPOverrides"): _KEPT,
        ("Overrides", "PartnerOverrides"): _KEPT,
        ("definedProcessProperty", "helpText"): "a remark",
        ("*", "Qualifiers"): "values that the editor offers",
        ("*", "QualifierList"): "values that the editor offers",
        ("JSONProfile", "GeneratorConfig"): _MADE,
        ("XMLElement", "XMLNSDeclList"): "declarations of namespaces, which documents get from the profile's own list",
        ("XMLNamespace", "Types"): "types of the schema: what is in an element, the profile's own elements say",
        ("Operation", "Tracking"): "fields that are shown in reports; a run does not read them",
        ("parametervalue", "staticparameter"): "left behind by the editor where the value type is another one",
    }
)

# Attributes that may be written as long as they say nothing.
EMPTY: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("DBStatement", "storedProcedure"): "no stored procedure",
        ("Component", "subType"): "types without subtypes write it empty",
        ("propertyvalue", "childKey"): "the field is one text",
    }
)


def is_harmless(tag: str, attribute: str, value: str) -> bool:
    """Tell whether an attribute changes nothing here."""
    if (tag, attribute) in ATTRIBUTES or ("*", attribute) in ATTRIBUTES:
        return True
    return not value and (tag, attribute) in EMPTY


def is_harmless_element(parent: str, element: Element) -> bool:
    """Tell whether an element in another one changes nothing here."""
    return (parent, element.tag) in ELEMENTS or ("*", element.tag) in ELEMENTS
