"""Orders of courts: their kinds, how long each may last, on which days courts sit, and what stands in a record."""
