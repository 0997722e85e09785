"""Who may call, and what is too large or too deep."""
