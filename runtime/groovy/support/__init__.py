"""What translated scripts stand on: the values, operators and classes of Java and Groovy where Python's differ.

Texts are `str`, Boolean `bool`, Integer `int`, Double `float`, BigDecimal `Decimal`, List `list`, Map `dict`, null
`None`, byte[] `bytes`, closures plain functions. Everything else is a class of `values` or a `JavaObject`. Nothing here
reaches files, the network or the interpreter.
"""
