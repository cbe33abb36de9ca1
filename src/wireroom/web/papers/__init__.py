"""Papers: what is printed of a record, as PDF."""
