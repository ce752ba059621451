"""Telephone numbers: reading, repairing, masking, and where they live."""
