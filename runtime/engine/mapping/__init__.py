"""Maps: one JSON document becomes another, field by field (reference 1.3).

`source` reads, `functions` and its families compute, `target` builds; `compiled` puts them
together once, at deployment.
"""

from __future__ import annotations

from runtime.engine.mapping.compiled import CompiledMap, compile_map

__all__ = ["CompiledMap", "compile_map"]
