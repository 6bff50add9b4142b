"""JavaScript of exported processes, run by QuickJS: the classes of Java that it names are those of Groovy scripts.

`compile_javascript` gives a script that can run, `is_installed` says whether the engine is there: it is an extra.
"""

from runtime.javascript.script import JavaScript, compile_javascript, is_installed

__all__ = ["JavaScript", "compile_javascript", "is_installed"]
