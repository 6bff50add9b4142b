"""An example of each step. A test reads them all, as steps of one bundle."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "connector": """\
- connector: catalogue
  operation: get
  path: /items/${document.sku}
  on error response: continue
""",
        "map": """\
- map: priced-line
""",
        "set properties": """\
- set properties: { kind: order, process.last id: "${document.id}" }
  persist: true
  when changed: fail
""",
        "message": """\
- message: '{"id": "${document.id}"}'
""",
        "decision": """\
- decision: { left: "${document.total}", is: ">=", right: "100" }
  yes: [ { message: large } ]
""",
        "branch": """\
- branch:
    - [ { message: first }, stop ]
    - [ { message: second } ]
""",
        "try": """\
- try: [ { connector: catalogue, operation: get, path: / } ]
  catch: [ { message: "${meta.catcherrorsmessage}" } ]
  retry: { times: 8, wait: 1 s, factor: 2, at most: 2 min, jitter: 0.2, only: [ http. ] }
""",
        "exception": """\
- exception: { title: Unknown item, message: "No item ${document.sku}", stop: document }
""",
        "stop": """\
- stop: process
""",
        "return documents": """\
- return documents
""",
        "split": """\
- split: { profile: order, element: lines, keep wrapper: true }
""",
        "combine": """\
- combine: { profile: order }
""",
        "data process": """\
- data process:
    - encoding: { from: iso-8859-1 }
    - split lines: { batch: 100, header: retain }
    - search and replace: { search: "\\\\s+$", replace: "" }
    - gzip
    - base64 encode
""",
        "notify": """\
- notify: { text: "order ${document.id} came", title: Orders, level: warning }
""",
        "route": """\
- route: ${document.country}
  cases:
    - { value: DE, steps: [ { message: inland } ] }
    - { is: matches, value: "FR|IT", steps: [ { message: near } ] }
  default: [ { message: far } ]
""",
        "business rules": """\
- business rules:
    - { name: Lines, pass: "${size(document.lines) > 0}", message: "the order ${document.id} has no line" }
    - { name: Paid, pass: "${document.paid}", message: not paid }
  rejected: [ { message: "${meta.businessrulesmessage}" }, stop ]
""",
        "cleanse": """\
- cleanse:
    profile: order
    fields:
      lines[].sku: { required: true, at least: 6, at most: 6, pad: prepend, with: "0" }
  rejected: [ { message: "${meta.cleansemessage}" }, stop ]
""",
        "process call": """\
- process call: Check stock
  returns:
    Missing: [ { message: missing }, stop ]
    In stock: [ { message: fine } ]
""",
        "process route": """\
- process route: ${document.kind}
  routes: { stock: Check stock }
  default: [ { exception: { title: Kind, message: "unknown kind ${document.kind}" } } ]
""",
        "flow control": """\
- flow control: { batch: 50, threads: 4 }
""",
        "add to cache": """\
- add to cache: customers
""",
        "retrieve from cache": """\
- retrieve from cache: { cache: customers, index: by id, keys: [ "${document.customer}" ], when empty: fail }
""",
        "remove from cache": """\
- remove from cache: customers
""",
        "wait": """\
- wait: 30 s
""",
        "progress": """\
- progress: "${document.done} of ${document.all} orders"
""",
        "script": """\
- script: tidy.py
""",
        "go to": """\
- label: again
  wait: 1 s
- decision: ${meta.status == 200}
  no: [ go to: again ]
""",
    }
)
