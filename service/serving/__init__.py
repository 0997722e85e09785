"""The server: its workers, how they warm up, and how they end without dropping a client."""
