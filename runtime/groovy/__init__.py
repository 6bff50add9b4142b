"""Groovy without a JVM: scripts of exported processes are translated to Python, shown, checked and run.

`to_python` gives the translation with what is not covered, `compile_groovy` a script that can run. `input_value` and
`output_text` lead between a map and the script of one of its functions.
"""

from runtime.groovy.errors import Finding
from runtime.groovy.ports import input_value, output_text
from runtime.groovy.script import GroovyScript, compile_groovy
from runtime.groovy.translate import Translation, to_python

__all__ = ["Finding", "GroovyScript", "Translation", "compile_groovy", "input_value", "output_text", "to_python"]
