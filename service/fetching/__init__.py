"""From prefetch and the client's FHIR server to the record of one patient."""
