"""The words of the field as frozen structs: no I/O, no clock, no event loop."""
