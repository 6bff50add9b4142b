"""The local Flow player: it plays the engine's part towards a service, with nothing but the standard library's HTTP."""
