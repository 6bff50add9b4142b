"""Readers and writers of documents, for profiles of every kind."""

from __future__ import annotations

from collections.abc import Callable, Collection

from runtime.engine.formats.database_rows import database_reader, database_writer
from runtime.engine.formats.flat_files import flat_reader, flat_writer
from runtime.engine.formats.json_documents import json_reader, json_writer
from runtime.engine.formats.rows import Row
from runtime.engine.formats.xml_rows import xml_reader, xml_writer
from runtime.model.platform_profiles import DatabaseProfile, FlatFileProfile, JsonProfile, PlatformProfile, XmlProfile


def reader(profile: PlatformProfile, keys: Collection[int]) -> Callable[[bytes], Row]:
    """Give the function that reads the elements `keys` of a document, with the loops around them.

    Raises:
        DocumentFault: ``map.invalid-option``: a mask of the profile is none. The function raises DocumentFault for a
            document that is not of the profile's kind, or holds a value that is not of its element's format.
    """
    match profile:
        case JsonProfile():
            return json_reader(profile, keys)
        case XmlProfile():
            return xml_reader(profile, keys)
        case FlatFileProfile():
            return flat_reader(profile, keys)
        case DatabaseProfile():
            return database_reader(profile, keys)


def writer(profile: PlatformProfile) -> Callable[[Row], bytes]:
    """Give the function that writes a document; one without any value is empty. Raises as `reader`."""
    match profile:
        case JsonProfile():
            return json_writer(profile)
        case XmlProfile():
            return xml_writer(profile)
        case FlatFileProfile():
            return flat_writer(profile)
        case DatabaseProfile():
            return database_writer(profile)
