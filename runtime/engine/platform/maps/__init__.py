"""Maps of the platform (component XML, section 5; reference 1.3; platform behaviours 81-93).

A map is compiled once, applied to each document, and gives any number of documents for it:

- `standing`: which occurrences of the source's repeating elements are meant now
- `plan`: the target's repeating elements, what drives each, and what fills the elements in them
- `functions` and `work`: what stands between, and what is kept of it from one row to the next
- `outside`: what must be fetched while a map runs, as plain requests; `step` fetches it
- `evaluate`: one document through the plan; `compiled` puts everything together
"""

from __future__ import annotations
