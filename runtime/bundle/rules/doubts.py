"""Rules of lint: what is allowed and most often not meant, and what must not stand in a bundle."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.bundle.rules.rule import Rule

LINT: Mapping[str, Rule] = {
    "secrets.in-clear": Rule(
        "A secret stands in the bundle",
        "Whoever can read the bundle, its history or a copy of it can use the secret.",
        "Write `${secret.NAME}`, or declare an extension of the type secret; then change the secret that was seen.",
    ),
    "secrets.exposed": Rule(
        "A secret fills a field that is shown",
        "Consoles and logs show the field as it is.",
        "Use a field that the connector keeps secret, or an extension of another type.",
        "warning",
    ),
    "redaction-unknown": Rule(
        "A field to be masked is in no profile",
        "A misspelt path masks nothing, and the field stands in clear in logs and history.",
        "Correct the path, or add the profile of the documents that have the field.",
        "warning",
    ),
    "effects.retry-once": Rule(
        "A retry repeats a call that must not be made twice",
        "The operation has the effect `once`: a retry of the try path makes it again for every document that failed.",
        "Move the call behind the steps that are retried, or use an operation that is idempotent or keyed.",
        "warning",
    ),
    "effects.restart-once": Rule(
        "A restart repeats a call that must not be made twice",
        "With `recovery: restart` an execution begins anew after a crash, its calls with the effect `once` included.",
        "Use `recovery: resume`, or an operation that is idempotent or keyed.",
        "warning",
    ),
    "effects.parks": Rule(
        "A crash during a call waits for a person",
        "The operation has the effect `once`: when the runtime is stopped in the middle of it, nobody knows whether it"
        " happened, and the execution is parked until somebody decides (`nuclide decide`).",
        "Use an operation that is idempotent, or give the call a key that the other system honours.",
        "warning",
    ),
    "effects.half-done": Rule(
        "A crash leaves the work half done",
        "With `recovery: fail`, or `restart` after such a call, the execution ends with an error: what it has done"
        " stays, the rest is not done.",
        "Use `recovery: resume`.",
        "warning",
    ),
    "effects.forgotten": Rule(
        "A crash forgets a call that must not be made twice",
        "In the mode `low latency` nothing is written down before WAIT is answered: a caller that repeats its request"
        " after a crash makes the call again.",
        "Use `mode: general`, or an operation that is idempotent or keyed.",
        "warning",
    ),
    "path-without-return": Rule(
        "A path of a listener ends without an answer",
        "Documents that come to its end are dropped, and Flow gets an answer without them.",
        "End the path with `return documents`, or with `stop` where that is meant.",
        "warning",
    ),
    "return-empty": Rule(
        "A return path that never gets a document",
        "The called process has no such Return Documents; the platform passes that over, and so does this runtime.",
        "Bind the path to a Return Documents of the called process, and export again.",
        "warning",
    ),
    "path-without-end": Rule(
        "A path of a process that returns documents ends without returning its own",
        "Documents that come to its end are dropped, and the caller does not learn of them.",
        "End the path with `return documents`, or with `stop` where that is meant.",
        "warning",
    ),
    "route-unreachable": Rule(
        "A case of a route that no document comes to",
        "The first case that matches takes a document, and an earlier one is the same.",
        "Remove the case, or change its value.",
        "warning",
    ),
    "property-never-written": Rule(
        "An export reads a property that nothing writes",
        "It is nothing: an empty text, or `null` in a message. Most often its name is misspelt.",
        "Correct the name, give it a default, or make it an extension.",
        "warning",
    ),
    "idle-decision": Rule(
        "A decision decides nothing",
        "Both of its arms lead to the same step.",
        "Put steps into one of the arms, or remove the decision.",
        "warning",
    ),
    "message-braces": Rule(
        "A message with the platform's placeholders",
        "`{1}` is printed as it stands: messages of bundles take their values from `${…}`.",
        "Write `${document.name}`, or whatever the value is called.",
        "warning",
    ),
    "property-never-set": Rule(
        "A property is read and never set",
        "Reading it fails for every document.",
        "Set it before, correct its name, or ask with `has(…)`.",
        "warning",
    ),
    "unused": Rule(
        "Something is never used",
        "It is read, checked and kept for nothing, or its user is misspelt.",
        "Use it, or remove it.",
        "warning",
    ),
    "needs-undeclared": Rule(
        "A connector is used and not asked for",
        "`needs` protects the bundle from a connector that has changed its meaning.",
        "Add the connector and its version to `needs`.",
        "warning",
    ),
}

SCHEDULES: Mapping[str, Rule] = {
    "schedule-cron": Rule(
        "The times of a schedule cannot be read",
        "It would never run, or at other times than its author means.",
        "Write minute, hour, day, month and weekday: `30 2 * * *` is every night at half past two.",
    ),
    "schedule-zone": Rule(
        "A schedule names no time zone",
        "The hour at which it runs would be a guess.",
        "Write a name of the IANA data base, such as `Europe/Oslo`, or leave it out for UTC.",
    ),
    "schedule-listener": Rule(
        "A schedule runs a listener",
        "A listener runs when it is called, and has no document without a call.",
        "Give the schedule a process that starts with `no data`; what both share can be a process of its own.",
    ),
}

TESTS: Mapping[str, Rule] = {
    "test-failed": Rule(
        "A test of the bundle fails",
        "It says that the bundle does not do what its author expects.",
        "Run `nuclide test` on the bundle; mend the process, or the case where it is the expectation that is wrong.",
    ),
    "rolled-back": Rule(
        "The version was rolled back",
        "An operator, or its failures, have put the version before in its place.",
        "Put another version in its place; `nuclide rollback` with its digest lets this one serve again.",
    ),
    "tests-slow": Rule(
        "The tests of the bundle take too long",
        "They are run before each deployment, and in them nothing is waited for: something computes, or does not end.",
        "Make the cases smaller, or raise the setting `bundles.tests_within`.",
    ),
}
