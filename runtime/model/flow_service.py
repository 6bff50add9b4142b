"""A Flow service: what a Flow builder sees of a bundle, and which process answers each call (reference 4.2)."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from runtime.errors import Place
from runtime.model.profile import Profile

ConfigurationKind = Literal["boolean", "datetime", "number", "password", "string"]

DEFAULT_SYNC_TIMEOUT = 30.0  # seconds: the platform's default; a Flow tenant gives up at about 60
DEFAULT_TIME_LIMIT = 30.0  # seconds: data and file calls cannot wait, so they are answered well within what Flow bears


class Culture(Struct, frozen=True, kw_only=True, rename="camel"):
    """Language and country of a text, as Flow spells them: ``EN``, ``US``."""

    id: str | None = None
    developer_name: str | None = None
    developer_summary: str | None = None
    brand: str | None = None
    language: str | None = None
    country: str | None = None
    variant: str | None = None


class ConfigurationValue(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A setting that the Flow builder fills in when installing the service. A password has no `default`."""

    name: str
    kind: ConfigurationKind = "string"
    required: bool = False
    default: str | None = None


ANY_BUNDLE = "*"  # the bundle of a process that an export names by its component id: whichever has it


class ProcessRef(Struct, frozen=True, omit_defaults=True):
    """A process by its name: one of the same bundle, or of the deployed bundle that is named.

    In `ANY_BUNDLE` it is named by the id of its component.
    """

    process: str
    bundle: str | None = None


class MessageAction(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An action that a flow calls. `path` is its address below the service, `sync_timeout` in seconds.

    A missing profile means that the action takes no inputs, or gives no outputs. Where the process is another bundle's,
    profiles and Sync Timeout are known once both are deployed.
    """

    name: str
    path: str
    process: str
    bundle: str | None = None
    summary: str | None = None
    request_profile: Profile | None = None
    response_profile: Profile | None = None
    sync_timeout: float = DEFAULT_SYNC_TIMEOUT


FilteredBy = Literal["process", "runtime"]


class DataType(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A type that Flow loads, saves and deletes; each call is answered by the process named for it.

    `external_id` names the entry that identifies a record: the one called externalid or id, in any case, or else the
    first, unless it is given. Only single values belong to the type (wire protocol E.3). `filtered_by` says who applies
    the filter of a query to its records.
    """

    name: str
    profile: Profile
    summary: str | None = None
    external_id: str | None = None
    get: ProcessRef | None = None
    query: ProcessRef | None = None
    save: ProcessRef | None = None
    delete: ProcessRef | None = None
    filtered_by: FilteredBy = "process"


class FileResource(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A place for files, addressed by the resource path of a page component; a process lists, a process uploads.

    `type_name` is the type of the objects that tell of files; `filtered_by` is as for a data type.
    """

    path: str
    listing: ProcessRef
    upload: ProcessRef
    delete: ProcessRef | None = None
    type_name: str = "$File"
    filtered_by: FilteredBy = "process"


class FlowService(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One service, reached under ``/fs/<external_name>``."""

    external_name: str
    description: str | None = None
    culture: Culture = Culture(language="EN", country="US")
    configuration: tuple[ConfigurationValue, ...] = ()
    actions: tuple[MessageAction, ...] = ()
    data_types: tuple[DataType, ...] = ()
    file_resources: tuple[FileResource, ...] = ()
    place: Place = Place()
