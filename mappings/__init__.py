"""FHIR resources of one patient in, named findings with their evidence out."""
