"""Finding people by names, dates and sex: what was typed, what it may have meant, and how likely it is that person."""
