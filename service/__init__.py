"""The Flask application: CDS Hooks over HTTP; decides nothing clinical."""
