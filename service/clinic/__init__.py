"""The clinic: a page that plays the EHR with synthetic patients, for demonstrations only."""
