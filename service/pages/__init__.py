"""Pages about the knowledge: rules, statements, findings, value sets, sources, conflicts; no patient data on any."""
