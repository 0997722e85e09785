"""Who may call: tokens, the keys they are signed with, the trust file; and what browsers are told."""
