"""The one request of the bench and its answer, whoever serves it."""

from __future__ import annotations

import hmac
from base64 import b64encode
from http.client import HTTPConnection
from typing import Any
from uuid import uuid4

import msgspec

PATH = "/fs/greeting/actions/Greet"
TOKEN = b"5d3c1a52-0f0e-4a3e-9b0f-6d7f0b6b1f11"  # in its place each request has another
BODY = msgspec.json.encode(
    {
        "token": TOKEN.decode(),
        "tenantId": "0c7b7f1e-5b7b-4b7e-8a39-3a6b1f1f7d10",
        "stateId": "b1f0a8d2-7c0b-49a7-9d0c-21f1f3b9c001",
        "callbackUri": "https://flow.manywho.com/api/run/1/response",
        "configurationValues": [],
        "inputs": [{"developerName": "Name", "contentValue": "Ada", "contentType": "ContentString"}],
        "outcomes": [],
    }
)
USER, PASSWORD = "bench", "bench"
AUTHORIZATION = f"Basic {b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"
DURABLE = ("X-Boomi-Debug", "true")  # the header that runs this one call in general mode, durable from its start

_AUTHORIZATION = AUTHORIZATION.encode()
PATIENCE = 60  # seconds for an answer of a server that is made sure of


def is_let_in(authorization: bytes) -> bool:
    """Whether credentials are right, for those that know but one user."""
    return hmac.compare_digest(authorization, _AUTHORIZATION)


def greet(body: bytes) -> bytes:
    """Answer a message action as a programmer would who needs nothing else."""
    request = msgspec.json.decode(body)
    inputs = {value["developerName"]: value["contentValue"] for value in request["inputs"]}
    output = {
        "developerName": "Message",
        "contentValue": f"Hello {inputs['Name']}",
        "contentType": "ContentString",
        "objectData": None,
        "typeElementDeveloperName": None,
        "valueElementId": None,
        "typeElementId": None,
        "typeElementPropertyId": None,
        "typeElementPropertyDeveloperName": None,
    }
    answer = {
        "token": request["token"],
        "tenantId": request["tenantId"],
        "invokeType": "FORWARD",
        "culture": None,
        "annotations": {},
        "waitMessage": None,
        "outputs": [output],
        "selectedOutcomeId": None,
        "rootFaults": {},
        "valueFaults": [],
        "mode": None,
    }
    return msgspec.json.encode(answer)


def make_sure(port: int, name: str) -> None:
    """See that a server does the whole job: its answer is the right one, and who may not come is turned away.

    Raises:
        ValueError: it does another job, so its figures would say nothing.
    """
    body = BODY.replace(TOKEN, str(uuid4()).encode())
    status, answer = ask(port, body, AUTHORIZATION)
    if status != 200 or msgspec.json.decode(answer) != msgspec.json.decode(greet(body)):
        raise ValueError(f"{name} answers otherwise: {status} {answer.decode()}")
    status, _ = ask(port, body, "Basic d3Jvbmc6d3Jvbmc=")
    if status != 401:
        raise ValueError(f"{name} lets everybody in: {status}")


def ask(port: int, body: bytes, authorization: str) -> tuple[int, bytes]:
    """Send one call; give the status and the body of its answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    headers: dict[str, Any] = {"Content-Type": "application/json", "Authorization": authorization}
    connection.request("POST", PATH, body, headers)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found
