"""Rules of form: files, texts, keys and their values."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.bundle.rules.rule import Rule

FILES: Mapping[str, Rule] = {
    "unreadable": Rule(
        "A file or folder cannot be read",
        "The operating system refuses it.",
        "Give the user of the daemon the right to read it.",
    ),
    "missing-file": Rule(
        "A file is missing",
        "Without `bundle.yaml` a folder has no name and no version.",
        "Add the file.",
    ),
    "unknown-file": Rule(
        "A file does not belong where it stands",
        "A file that nobody reads is most often a misspelt one.",
        "Rename or move it; hidden files, and names that end in `~`, are passed over.",
    ),
    "unknown-folder": Rule(
        "A folder is not one of a bundle's",
        "A folder that nobody reads is most often a misspelt one.",
        "Rename it, or move it out of the bundle.",
    ),
    "link": Rule(
        "A bundle holds no links",
        "A link would let a bundle read what is not its own, and its digest would not cover it.",
        "Copy what the link points to.",
    ),
    "too-large": Rule(
        "A file or the bundle is too large",
        "A bundle is read into memory at once, before it is known to be sound.",
        "Split the file; keep data that changes outside of bundles.",
    ),
    "not-text": Rule("A file is not UTF-8", "Every text of a bundle is.", "Save it as UTF-8."),
}

TEXTS: Mapping[str, Rule] = {
    "yaml-syntax": Rule(
        "A file is not YAML",
        "What cannot be parsed cannot be understood.",
        "Look at the line and the one before it: an indentation, a missing colon, a text that needs quotes.",
    ),
    "yaml-feature": Rule(
        "A part of YAML that bundles do not use",
        "Anchors, aliases and tags let a file say something else than it seems to say.",
        "Write the value out.",
    ),
    "tab": Rule("A tab indents a line", "YAML knows no tabs there.", "Indent with spaces."),
    "duplicate-key": Rule(
        "A key stands twice in one table",
        "One of the two would be ignored, and nobody could say which.",
        "Keep one of them.",
    ),
    "json-syntax": Rule(
        "A profile is not JSON", "What cannot be parsed cannot be understood.", "Mend it at the place."
    ),
    "script-syntax": Rule(
        "A script is not Python",
        "A step that runs it would fail for every document.",
        "Mend it at the place.",
    ),
    "table": Rule(
        "A table of reference data is not sound",
        "A row with a cell too many or too few would be looked up wrongly.",
        "Give the first line a name for each column, and every line a cell for each name.",
    ),
}

KEYS: Mapping[str, Rule] = {
    "unknown-key": Rule(
        "A key that nothing reads",
        "A misspelt option would silently be the default.",
        "Correct its spelling, or remove it.",
    ),
    "missing-key": Rule("A key is missing", "There is no default that would be right.", "Add it."),
    "missing-value": Rule(
        "A key has no value", "Nothing is neither a text nor a default.", "Give it one, or remove it."
    ),
    "wrong-type": Rule(
        "A value of the wrong kind", "It cannot be read as what is meant.", "Write what the hint shows."
    ),
    "unknown-value": Rule("A word that is none of the known ones", "Only some words mean anything there.", "Use one."),
    "sync-timeout": Rule(
        "A Sync Timeout or time limit beyond what Flow waits",
        "Flow gives up after 60 seconds, so that neither an answer nor WAIT would reach it.",
        "Make it 55 seconds or less; what takes longer is answered with WAIT and called back.",
    ),
    "secret-header": Rule(
        "A header is to reach processes that never does",
        "Credentials, cookies and what proxies say of a caller would stand in documents and logs.",
        "Remove it; the process property `inuser` says who calls.",
    ),
    "listener": Rule(
        "A listener says what means nothing for it",
        "Profiles and the Sync Timeout belong to message actions; one document has no pages.",
        "Remove the key, or write the one that the hint names.",
    ),
    "extension": Rule(
        "An extension contradicts itself",
        "Its default does not read as its type, or it is required and has a default.",
        "Correct the default, or remove it.",
    ),
    "secret": Rule(
        "A secret has a default",
        "A default stands in the bundle, where everyone can read it.",
        "Remove it: whoever installs the bundle gives the value.",
    ),
}
