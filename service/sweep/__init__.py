"""A sweep: a whole population judged from a Bulk Data export, patient by patient, with the path of a hook request.

plan.py        what is swept, and the folder that remembers how far it came
export.py      the NDJSON files of an export
columns.py     of a resource whose it is, what it is, and the drug it points to
duckdb_engine.py, dask_engine.py   resources brought together by patient, in buckets that fit into memory
chart.py       the resources of one patient as hook requests, on a day of the past without what came later
evaluate.py    one bucket: the cards of every patient of it, and their counts
run.py         all buckets on all cores, resumable
report.py      firing rates
"""
