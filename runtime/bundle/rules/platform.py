"""Rules for exports of the platform."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.bundle.rules.rule import Rule

PLATFORM: Mapping[str, Rule] = {
    "component-xml": Rule(
        "An export is not XML",
        "Nothing of it can be read.",
        "Export it again, and keep it as it is.",
    ),
    "component-unknown": Rule(
        "A part of a component is not understood",
        "What it does on the platform is not known here, so it would be left out.",
        "Report it with the export, or replace the part by one that is known.",
    ),
    "component-refused": Rule(
        "A part of a component cannot run here",
        "It is understood, and the runtime has nothing that does it.",
        "Follow the hint, or write that part of the process as a native one.",
    ),
    "component-missing": Rule(
        "A component refers to one that is not there",
        "A deployment is whole: all that a process uses stands in its bundle.",
        "Export the other component into components/ too.",
    ),
    "component-elsewhere": Rule(
        "A service names a process that another bundle must have",
        "A service and its processes are deployed separately; until both are, the action answers that it is not there.",
        "Deploy the bundle that has the process, or export the process into components/ too.",
        "warning",
    ),
    "component-wrong": Rule(
        "A component that the platform would not run",
        "It contradicts itself, or lacks what it needs.",
        "Mend it on the platform and export it again.",
    ),
    "component-differs": Rule(
        "A component runs, and something about it is another way here",
        "The result is the same, or nearly; whoever knows the platform should know the difference.",
        "Read the message; nothing has to be done.",
        "warning",
    ),
    "groovy": Rule(
        "A Groovy script cannot run here",
        "It uses a part of the language, or of the platform's library, that is not there.",
        "Change the part that the message names, or write the script in Python.",
    ),
    "javascript": Rule(
        "A script in JavaScript cannot run here",
        "It is no JavaScript, names a class of Java that is not there, or its engine is not installed.",
        "Change the part that the message names, or install the engine: pip install 'nuclide[javascript]'.",
    ),
    "not-runnable": Rule(
        "A process asks for something that the engine cannot do",
        "Finding it at the first call would be too late.",
        "Follow the message, or write that part of the process as a native one.",
    ),
}
