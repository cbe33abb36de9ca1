"""The record files: entering, finding, matching, ageing."""
