"""The code tables as files: one CSV a table, a code a row, dated and never removed."""
