"""Who may call, what is too large or too deep, and where connections may go."""
