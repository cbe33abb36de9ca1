"""What the law says of the orders that courts make: their kinds, how long each lasts, on which days courts sit."""
