"""Guideline statements held against findings: rules, decisions with their traces, recommendations, cards."""
