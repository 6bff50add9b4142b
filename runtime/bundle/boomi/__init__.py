"""`format: boomi`: steps that say what those of the platform say, in YAML, with the platform's own values.

Which keys a step has, and what stands there, is told by the structs of the model: what is added to one of them is read
and written without being named here.
"""
