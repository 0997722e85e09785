"""From the bytes of a resource over a model of its FHIR version to an entry that is the same for all."""
