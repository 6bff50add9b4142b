"""Cleanse: documents are held to what their profile says of each element, repaired or rejected (reference 1.15).

- `rules`: what one value must be, and how it is repaired
- `places`: the values of a document in their places, by profile, and the document with those that were changed
- `step`: the step itself
"""

from __future__ import annotations
