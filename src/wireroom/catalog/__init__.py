"""What may be said and what is kept: every record file, message key, field and code table, declared as data."""
