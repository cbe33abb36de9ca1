"""The browser doors (desk, car, clerk, coordinator, investigator, operator) and the HTTP API."""
