"""How a body is received: in time, within bounds of size and shape."""
