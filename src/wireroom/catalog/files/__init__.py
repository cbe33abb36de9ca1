"""The record files, one module each."""
