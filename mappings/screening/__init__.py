"""Which resources of a request matter, told from its bytes before any model is built."""
