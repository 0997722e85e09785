"""What went out and what users answered: stored without anything about a patient."""
