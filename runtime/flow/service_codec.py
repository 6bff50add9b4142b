"""What can be known of a service's data types and file resources before they are called, compiled at deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.flow.data_requests import TypeCodec
from runtime.flow.file_requests import FILE_ENTRIES, FileCodec
from runtime.flow.objects import compile_objects

if TYPE_CHECKING:
    from runtime.flow.data_requests import DataProcess
    from runtime.flow.file_requests import FileVerb
    from runtime.model.flow_service import DataType, FileResource, ProcessRef


def processes_of(data_type: DataType) -> dict[DataProcess, ProcessRef]:
    """Give the processes that a type names, by what they are for."""
    named: dict[DataProcess, ProcessRef | None] = {
        "get": data_type.get,
        "query": data_type.query,
        "save": data_type.save,
        "delete": data_type.delete,
    }
    return {verb: process for verb, process in named.items() if process is not None}


def compile_type(data_type: DataType) -> TypeCodec:
    """Prepare a data type for its calls."""
    return TypeCodec(
        objects=compile_objects(data_type.name, data_type.profile.entries, data_type.external_id),
        serves=frozenset(processes_of(data_type)),
        filtered=data_type.filtered_by == "runtime",
    )


def processes_of_resource(resource: FileResource) -> dict[FileVerb, ProcessRef]:
    """Give the processes that a file resource names, by what they are for."""
    named: dict[FileVerb, ProcessRef] = {"list": resource.listing, "upload": resource.upload}
    return named if resource.delete is None else {**named, "delete": resource.delete}


def compile_files(resource: FileResource) -> FileCodec:
    """Prepare a file resource for its calls; its objects have the properties that files have in Flow."""
    return FileCodec(
        objects=compile_objects(resource.type_name, FILE_ENTRIES, "Id"),
        serves=frozenset(processes_of_resource(resource)),
        filtered=resource.filtered_by == "runtime",
    )
