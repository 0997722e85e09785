"""Connections to other servers: where they may go, and how they are kept open."""
